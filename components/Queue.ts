import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { arn, resourceName } from "./names";

/** The longest that SQS keeps a message. */
const RETENTION_SECONDS = 14 * 24 * 3600;

/** A queue of what could not be done, kept for somebody to look at: encrypted, for 14 days. */
export class Queue extends pulumi.ComponentResource {
  readonly arn: pulumi.Output<string>;

  constructor(name: string, opts?: pulumi.ComponentResourceOptions) {
    super("chat:index:Queue", name, {}, opts);
    const queueName = resourceName(name);
    this.arn = arn("sqs", queueName);
    new aws.sqs.Queue(
      name,
      { name: queueName, sqsManagedSseEnabled: true, messageRetentionSeconds: RETENTION_SECONDS },
      { parent: this, deleteBeforeReplace: true },
    );
    this.registerOutputs({ arn: this.arn });
  }
}
