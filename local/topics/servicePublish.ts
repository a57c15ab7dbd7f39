import { type CallingService, serviceMayCall } from "../serviceAccess.ts";
import { deliver, type TopicPlace } from "./deliver.ts";
import type { Published, Topic } from "./topic.ts";

/** Publishes a message on behalf of a service, if the topic's policy allows it. */
export function publishAsService(
  topic: Topic,
  service: Omit<CallingService, "accountId">,
  published: Published,
  place: TopicPlace,
): void {
  const { arn, policies } = topic;
  const caller = { ...service, accountId: place.accountId };
  if (serviceMayCall(caller, "sns:Publish", { arn, kind: "topic", policies }, place.report)) {
    deliver(topic, published, place);
  }
}
