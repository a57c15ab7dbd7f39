import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { resourceName } from "./names";
import { placeOf } from "./place";
import { type TaggedArgs, tagsOf } from "./tags";

/** Maximum retention of a message in SQS. */
const RETENTION_SECONDS = 14 * 24 * 3600;

/** An encrypted queue that keeps failed events for 14 days, so that someone can inspect them. */
export class Queue extends pulumi.ComponentResource {
  /** `arn:aws:sqs:region:account:name` */
  readonly arn: pulumi.Output<string>;

  constructor(name: string, args: TaggedArgs = {}, opts?: pulumi.ComponentResourceOptions) {
    super("chat:index:Queue", name, {}, opts);
    const queueName = resourceName(name);
    const queue = new aws.sqs.Queue(
      name,
      {
        name: queueName,
        sqsManagedSseEnabled: true,
        messageRetentionSeconds: RETENTION_SECONDS,
        tags: tagsOf(args),
      },
      { parent: this, deleteBeforeReplace: true },
    );
    // The ARN is known before the queue exists. Combining it with the queue's URN makes resources that use it depend on
    // the queue.
    this.arn = pulumi.all([placeOf(opts).arn("sqs", queueName), queue.urn]).apply(([known]) => known);
    this.registerOutputs({ arn: this.arn });
  }
}
