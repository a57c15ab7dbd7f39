/**
 * The stack's configuration and names: keys that are misspelled, and values that are out of range or that AWS would
 * refuse, are refused before anything is created.
 */
import * as pulumi from "@pulumi/pulumi";
import { afterEach, describe, expect, test } from "vitest";
import { readConfig } from "../../config.ts";
import { type Previewed, preview } from "../../local/preview.ts";
import { problemWithNames } from "../../settings/names.ts";
import { findStackConfig, readProject } from "../../stack/stackFiles.ts";
import { Command } from "../cli/command.ts";
import { previewStack, ROOT } from "./stack.ts";

async function refusalOf(previewed: Promise<Previewed>): Promise<string> {
  const error: Error & { cause?: unknown } = await previewed.then(
    () => new Error("it was accepted"),
    (failed) => failed,
  );
  return String(error.cause ?? error.message);
}

afterEach(() => pulumi.runtime.setAllConfig({}));

test.each([
  ["an unknown key", { "chat:retentionDay": "30" }, /"chat:retentionDay".*did you mean "chat:retentionDays"/],
  ["a value out of range", { "chat:connectionsPerPerson": "0" }, /"chat:connectionsPerPerson" is "0".*from 1 to 1000/],
  ["another value out of range", { "chat:memory": "64" }, /"chat:memory" is "64"; it must be a whole number from 128/],
  ["a value that isn't a number", { "chat:throttleRate": "fast" }, /"chat:throttleRate" is "fast"; it must be a whole/],
  ["an unknown choice", { "chat:auth": "ldap" }, /"chat:auth" is "ldap"; it must be one of cognito, oidc/],
  ["an origin with a path", { "chat:origins": "https://a.example/x" }, /"chat:origins" is "https:\/\/a.example\/x"/],
  ["an invalid lobby name", { "chat:lobby": "x".repeat(65) }, /"chat:lobby".*a room's name/],
])("%s is refused, with an error that names the key and suggests a value", async (_, config, says) => {
  await pulumi.runtime.setMocks({ newResource: () => ({ id: "", state: {} }), call: () => ({}) }, "chat", "dev");
  pulumi.runtime.setAllConfig(config);
  expect(readConfig).toThrow(says);
});

test("a refused value stops the program", async () => {
  expect(await refusalOf(previewStack("dev", { "chat:memory": "64" }))).toMatch(/"chat:memory" is "64"; it must be/);
});

test.each([
  ["Alice", /^the stack is named "Alice".*lowercase letters, digits, and single hyphens/],
  ["my_stack", /^the stack is named "my_stack"/],
  ["pr.12", /^the stack is named "pr\.12"/],
  ["aws-test", /^the stack is named "aws-test".*a user pool's domain can't contain "aws"/],
  ["a".repeat(41), /the user pool's domain a name of 65 characters, and Cognito allows 63: shorten one of them$/],
  ["pr-12", undefined],
])("AWS accepts the name of a stack, or the program refuses it: %s", (stack, says) => {
  if (says === undefined) expect(problemWithNames("chat", stack, true)).toBeUndefined();
  else expect(problemWithNames("chat", stack, true)).toMatch(says);
});

test("reserved words and the shorter length limit apply only to a user pool's domain", () => {
  expect(problemWithNames("chat", "aws-test", false)).toBeUndefined();
  expect(problemWithNames("chat", "a".repeat(41), false)).toBeUndefined();
});

describe("with the defaults of Pulumi.yaml, as the engine adds them", () => {
  const program = async (stack: string) => {
    const { name, main, tsconfig, config } = await readProject(ROOT);
    const values = (await findStackConfig(ROOT, name, stack))?.values;
    const all = { "aws:region": "eu-central-1", ...config, ...values };
    return preview({ folder: ROOT, project: name, stack, main, tsconfig, config: all });
  };

  test("a name that AWS would refuse stops the program", async () => {
    expect(await refusalOf(program("pr.12"))).toMatch(/the stack is named "pr\.12".*Choose another name/);
  });
});

test("Pulumi.yaml and README list the settings", async () => {
  const command = new Command("npm", ["run", "-s", "settings", "--", "--check"]);
  expect({ code: await command.ended, said: command.stderr }).toEqual({ code: 0, said: "" });
});
