import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { rolePath } from "./names";
import { placeOf } from "./place";
import { type TaggedArgs, tagsOf } from "./tags";
import { assumableBy } from "./trust";

/** Arguments of `ApiGatewayLogging`. */
export interface ApiGatewayLoggingArgs extends TaggedArgs {
  /** ARN of a managed policy that limits the role. @default none */
  permissionsBoundary?: pulumi.Input<string> | undefined;
}

/**
 * Lets API Gateway write logs in this account and Region. The setting is shared by every API in the account and Region,
 * so only one stack there creates it. https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
 */
export class ApiGatewayLogging extends pulumi.ComponentResource {
  constructor(name: string, args: ApiGatewayLoggingArgs, opts?: pulumi.ComponentResourceOptions) {
    super("chat:index:ApiGatewayLogging", name, {}, opts);
    const { permissionsBoundary } = args;
    const place = placeOf(opts);
    pulumi
      .output(place.region)
      .apply((region) =>
        pulumi.log.info(
          `setting API Gateway's log role for the whole account in ${region}. Every other API there uses it, too`,
          this,
        ),
      );
    const role = new aws.iam.Role(
      name,
      {
        name: place.nameWithRegion(name),
        path: rolePath(),
        assumeRolePolicy: assumableBy("apigateway.amazonaws.com"),
        forceDetachPolicies: true,
        tags: tagsOf(args),
        ...(permissionsBoundary === undefined ? {} : { permissionsBoundary }),
      },
      { parent: this, deleteBeforeReplace: true },
    );
    // API Gateway accepts the role only if it has every permission in this AWS-managed policy.
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
