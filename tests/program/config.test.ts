/** The stack's configuration: what is misspelled or out of range is refused before anything is made. */
import { expect, test } from "vitest";
import { previewStack } from "./stack.ts";

async function refusal(config: Record<string, string>): Promise<string> {
  const error: Error & { cause?: unknown } = await previewStack("dev", config).then(
    () => new Error("it was accepted"),
    (failed) => failed,
  );
  return String(error.cause ?? error.message);
}

test.each([
  ["a key that nobody reads", { "chat:retentionDay": "30" }, /"chat:retentionDay".*did you mean "chat:retentionDays"/],
  ["a value out of range", { "chat:connectionsPerPerson": "0" }, /"chat:connectionsPerPerson" is "0".*from 1 to 1000/],
  ["a lobby that is no room's name", { "chat:lobby": "x".repeat(65) }, /"chat:lobby".*a room's name/],
])("%s is refused by name, with what to write instead", async (_, config, says) => {
  expect(await refusal(config)).toMatch(says);
});
