/** Names of the resources that the program names itself, instead of leaving it to Pulumi. */
import * as pulumi from "@pulumi/pulumi";

const LONGEST_NAME = 64;

/**
 * The name of a resource of this stack: `project-stack-thing`.
 *
 * @param suffix distinguishes a name that must be unique beyond one account and Region, such as that of a role
 * @throws pulumi.RunError if the name is longer than the 64 characters that Lambda and IAM allow; a truncated name
 * could collide with another one
 */
export function resourceName(thing: string, suffix?: string): string {
  const name = [pulumi.getProject(), pulumi.getStack(), thing, suffix].filter((part) => part !== undefined).join("-");
  if (name.length > LONGEST_NAME) {
    throw new pulumi.RunError(
      `the name "${name}" has ${name.length} characters, but AWS allows only ${LONGEST_NAME}: ` +
        `shorten the project "${pulumi.getProject()}", the stack "${pulumi.getStack()}" or "${thing}"`,
    );
  }
  return name;
}

/** Path of this project's roles. The deploy role may create roles only under it. */
export function rolePath(): string {
  return `/${pulumi.getProject()}/`;
}
