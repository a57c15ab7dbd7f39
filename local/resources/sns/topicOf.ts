import type { Draft } from "../../draft.ts";
import type { Topic } from "../../topics/topic.ts";

/** @throws Error with SNS's message if there is no such topic */
export function topicOf(draft: Draft, arn: string): Topic {
  const topic = draft.topics.get(arn);
  if (topic === undefined) throw new Error("NotFoundException: Topic does not exist");
  return topic;
}
