/** Runs `npm run preview` on our own stack after a grant was widened, or a call was added that isn't granted. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { SKIPPED, Workspace } from "./workspace.ts";

if (SKIPPED !== undefined) console.warn(SKIPPED);

describe.skipIf(SKIPPED !== undefined)("a change that the policy pack stops", () => {
  let workspace: Workspace;
  beforeEach(async () => {
    workspace = await Workspace.make();
  }, 60_000);
  afterEach(() => workspace?.end());

  const preview = async () => {
    const { code, violations } = await workspace.npmRun("preview", "--stack", "dev");
    return { code, told: violations.filter(({ enforcementLevel }) => enforcementLevel === "mandatory") };
  };

  test("a widened grant: the statement is named, and the narrower one is ready to paste", async () => {
    await workspace.edit("components/Table.ts", "Resource: this.arn", 'Resource: "*"');
    const { code, told } = await preview();
    expect(code).not.toBe(0);
    // Functions come in any order, and not all have a statement to narrow.
    const messages = told.filter(({ policyName }) => policyName === "wildcard-resource").map(({ message }) => message);
    expect(messages).toContainEqual(
      expect.stringMatching(
        /statement \d of .*: dynamodb:\w+.* can be limited to resources, but the statement covers all/,
      ),
    );
    expect(messages).toContainEqual(
      expect.stringMatching(
        // Whether the tables are already registered, and which parts of their ARNs are known, depends on the engine.
        /replace all of statements with: \[.*"Resource":\["arn:aws:dynamodb:[\w-]+:\w+:table\/(TABLE_NAME|chat-dev-\w+)"/,
      ),
    );
  });

  test("a new command in a handler: the missing action is named, with a statement for it", async () => {
    await workspace.edit(
      "handlers/ping.ts",
      "import { type MessageUses,",
      'import { DeleteCommand } from "@aws-sdk/lib-dynamodb";\nimport { dynamodb } from "../chat/tables/client";\nimport { type MessageUses,',
    );
    await workspace.edit(
      "handlers/ping.ts",
      "if (rooms.length === 0)",
      "if (rooms.length > 24) await dynamodb.send(new DeleteCommand({ TableName: messages, Key: { pk: id, sk: 0 } }));\n  if (rooms.length === 0)",
    );
    const { code, told } = await preview();
    expect(code).not.toBe(0);
    expect(told.map(({ policyName }) => policyName)).toEqual(["missing-grant"]);
    expect(told[0]?.message).toContain("the code calls dynamodb:DeleteItem, which the role doesn't allow");
    expect(told[0]?.message).toContain('"Action":["dynamodb:DeleteItem"]');
  });
});
