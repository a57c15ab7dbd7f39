import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { region, resourceName } from "./names";
import { assumableBy } from "./trust";

/**
 * Lets API Gateway write logs in this account and Region. There is one such setting, shared by every API in the
 * account and Region; a second stack there takes it as existing.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
 */
export class ApiGatewayLogging extends pulumi.ComponentResource {
  constructor(name: string, args: Record<string, never>, opts?: pulumi.ComponentResourceOptions) {
    super("chat:index:ApiGatewayLogging", name, args, opts);
    pulumi.log.info(
      `setting API Gateway's log role for the whole account in ${region()}: every other API there writes its logs by it, too`,
      this,
    );
    const role = new aws.iam.Role(
      name,
      {
        name: resourceName(name, region()),
        assumeRolePolicy: assumableBy("apigateway.amazonaws.com"),
      },
      { parent: this, deleteBeforeReplace: true },
    );
    // API Gateway checks that its role can do all that this AWS-managed policy says before it accepts it.
    const attachment = new aws.iam.RolePolicyAttachment(
      name,
      {
        role: role.name,
        policyArn: "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs",
      },
      { parent: this },
    );
    new aws.apigateway.Account(name, { cloudwatchRoleArn: role.arn }, { parent: this, dependsOn: [attachment] });
    this.registerOutputs();
  }
}
