/** The text of the preview's warning; tests/engine/contraction.long.ts tests when it is shown. */
import * as pulumi from "@pulumi/pulumi";
import { afterEach, expect, test } from "vitest";
import { CallbackFunction } from "../../components/CallbackFunction.ts";
import { contractionWarning } from "../../components/warnOfContraction.ts";

const TABLE = "arn:aws:dynamodb:eu-central-1:123456789012:table/chat-dev-items";

afterEach(() => pulumi.runtime.disconnect());

test("the warning names the function, each action with its resource, and each variable", () => {
  const lost = [{ action: "dynamodb:Query", resource: TABLE }];
  expect(contractionWarning("chat-dev-ping", lost, ["ITEMS"]).split("\n").slice(0, 3)).toEqual([
    "chat-dev-ping loses what its current code may need, a few seconds before it gets the new code:",
    `  dynamodb:Query on ${TABLE}`,
    "  the environment variable ITEMS",
  ]);
});

// Pulumi's mocks claim to support hooks, and fail when one is registered.
test("a program that is tested with Pulumi's mocks can create functions, even in a preview", async () => {
  pulumi.runtime.setAllConfig({ "aws:region": "eu-central-1" });
  const types: string[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource({ type, name, inputs }) {
        types.push(type);
        return { id: name, state: inputs };
      },
      call: () => ({ region: "eu-central-1", accountId: "123456789012" }),
    },
    "chat",
    "dev",
    true,
  );
  new CallbackFunction("ping", { callback: async () => 1, uses: {} });
  await pulumi.runtime.disconnect();
  expect(types).toContain("aws:lambda/function:Function");
});
