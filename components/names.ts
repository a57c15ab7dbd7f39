/** Names of what this program names. */
import * as pulumi from "@pulumi/pulumi";

const LONGEST_NAME = 64;

/**
 * The name of a resource of this stack: `project-stack-thing`.
 *
 * @param suffix for names that are shared beyond account and Region, such as a role's: what makes them distinct
 * @throws pulumi.RunError when it is longer than the 64 characters that Lambda and IAM allow; a cut name could collide
 */
export function resourceName(thing: string, suffix?: string): string {
  const name = [pulumi.getProject(), pulumi.getStack(), thing, suffix].filter((part) => part !== undefined).join("-");
  if (name.length > LONGEST_NAME) {
    throw new pulumi.RunError(
      `the name "${name}" has ${name.length} characters, AWS allows ${LONGEST_NAME}: ` +
        `shorten the project "${pulumi.getProject()}", the stack "${pulumi.getStack()}" or "${thing}"`,
    );
  }
  return name;
}

/** Where the roles of this project stand, so that whoever deploys it may make roles here and nowhere else. */
export function rolePath(): string {
  return `/${pulumi.getProject()}/`;
}
