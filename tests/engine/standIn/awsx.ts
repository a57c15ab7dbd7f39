/**
 * A stand-in for the awsx plugin. It answers Construct for a trail as awsx does, from what the AWS provider creates.
 */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

/** Takes the place of the SDK's class, which would ask for this plugin again. */
class Trail extends pulumi.ComponentResource {
  readonly trail: aws.cloudtrail.Trail;

  constructor(name: string, inputs: pulumi.Inputs, opts: pulumi.ComponentResourceOptions) {
    super("awsx:cloudtrail:Trail", name, inputs, opts);
    const { s3Bucket, cloudWatchLogsGroup: _, ...args } = inputs;
    const s3BucketName = pulumi.output(s3Bucket).apply(({ existing }) => existing.name);
    this.trail = new aws.cloudtrail.Trail(name, { ...args, s3BucketName }, { parent: this });
    this.registerOutputs({ trail: this.trail });
  }
}

const provider: pulumi.provider.Provider = {
  version: "3.9.0",
  async construct(name, type, inputs, options) {
    if (type !== "awsx:cloudtrail:Trail") throw new Error(`the stand-in for awsx does not know ${type}`);
    const made = new Trail(name, inputs, options);
    return { urn: made.urn, state: { trail: made.trail } };
  },
};

void pulumi.provider.main(provider, process.argv.slice(2));
