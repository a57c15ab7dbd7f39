/** Names and ARNs of what this program names: known at preview, so that policy documents can be checked before anything exists. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

const LONGEST_NAME = 64;

/**
 * The name of a resource of this stack: `project-stack-thing`.
 *
 * @param suffix for names that are shared beyond account and Region, such as a role's: what makes them distinct
 * @throws pulumi.RunError when it is longer than the 64 characters that Lambda and IAM allow; a cut name could collide
 */
export function resourceName(thing: string, suffix?: string): string {
  const name = [pulumi.getProject(), pulumi.getStack(), thing, suffix].filter(Boolean).join("-");
  if (name.length > LONGEST_NAME) {
    throw new pulumi.RunError(
      `the name "${name}" has ${name.length} characters, AWS allows ${LONGEST_NAME}: ` +
        `shorten the project "${pulumi.getProject()}", the stack "${pulumi.getStack()}" or "${thing}"`,
    );
  }
  return name;
}

/** The Region of the stack, from `aws:region`. */
export function region(): string {
  return aws.config.requireRegion();
}

/** Where the roles of this project stand, so that whoever deploys it may make roles here and nowhere else. */
export function rolePath(): string {
  return `/${pulumi.getProject()}/`;
}

let account: pulumi.Output<string> | undefined;

/** `arn:aws:service:region:account:resource` in the stack's own account and Region. */
export function arn(service: string, resource: string): pulumi.Output<string> {
  return pulumi.interpolate`arn:${partition()}:${service}:${region()}:${accountId()}:${resource}`;
}

/** The account that the stack is deployed to; known at preview, for it is asked then. */
export function accountId(): pulumi.Output<string> {
  account ??= aws.getCallerIdentityOutput().accountId;
  return account;
}

/** The Region tells the partition, so it is known without a call. */
function partition(): string {
  if (region().startsWith("cn-")) return "aws-cn";
  return region().startsWith("us-gov-") ? "aws-us-gov" : "aws";
}
