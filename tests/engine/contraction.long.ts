/**
 * Tests, with the real Pulumi engine, the warning that an update takes a grant or a variable away from a function whose
 * old code is still running.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { planComment } from "../../deploy/planComment.ts";
import { ROOT } from "../program/stack.ts";
import { type Ended, SKIPPED, Workspace } from "./workspace.ts";

if (SKIPPED !== undefined) console.warn(SKIPPED);

/** The parts of the program that differ from one update to the next. */
interface Version {
  /** Operations on the table. */
  operations: string[];
  /** Further environment variables. */
  variables?: string[];
  /** Operations that the code calls. @default the granted ones */
  calls?: string[];
  /** Names of the functions. */
  functions?: string[];
}

const DEPLOYED: Version = { operations: ["GetItem", "Query"], variables: ["MODE"] };
const WITHOUT_QUERY: Version = { ...DEPLOYED, operations: ["GetItem"] };

const LOSS = `chat-dev-reader loses what its current code may need, a few seconds before it gets the new code:`;
const QUERY = `dynamodb:Query on arn:aws:dynamodb:eu-central-1:123456789012:table/chat-dev-items`;

describe.skipIf(SKIPPED !== undefined)("a function's deployed code", () => {
  let workspace: Workspace;

  beforeAll(async () => {
    workspace = await Workspace.make();
    await write(DEPLOYED);
    const made = await workspace.npmRun("up", "--stack", "dev", "--yes");
    expect({ code: made.code, said: made.code === 0 ? "" : made.said }).toEqual({ code: 0, said: "" });
    expect(made.said).not.toContain("loses");
  });
  afterAll(() => workspace?.end());

  async function write({ operations, variables = [], calls = operations, functions = ["reader"] }: Version) {
    const granted = operations.map((operation) => `"${operation}"`).join(", ");
    const uses = [`ITEMS: items.grant(${granted})`, ...variables.map((variable) => `${variable}: setting("1")`)];
    const made = functions.map(
      (name) => `new CallbackFunction<any>("${name}", {
        callback: async () => (await import("./${name}.js")).run(),
        uses: { ${uses.join(", ")} } as any,
      });`,
    );
    const program = `
      import { CallbackFunction } from "./components/CallbackFunction";
      import { setting } from "./components/setting";
      import { Table } from "./components/Table";
      const items = new Table("items", { hashKey: "pk", rangeKey: { name: "sk", type: "S" } });
      ${made.join("\n")}`;
    const commands = calls.map((call) => `${call}Command`).join(", ");
    const code = `
      import { DynamoDBClient, ${commands} } from "@aws-sdk/client-dynamodb";
      const db = new DynamoDBClient();
      const input = { TableName: process.env.ITEMS, Key: { pk: { S: "a" }, sk: { S: "b" } } };
      export async function run() {
        ${calls.map((call) => `await db.send(new ${call}Command(input));`).join("\n")}
      }`;
    await writeFile(join(workspace.folder, "index.ts"), program);
    await writeFile(join(workspace.folder, "reader.ts"), code);
    await writeFile(join(workspace.folder, "other.ts"), code);
  }

  async function preview(version: Version): Promise<Ended> {
    await write(version);
    const previewed = await workspace.operate("preview", "dev");
    expect({ code: previewed.code, said: previewed.code === 0 ? "" : previewed.said }).toEqual({ code: 0, said: "" });
    return previewed;
  }

  test.each<[string, Version]>([
    ["its operations are in a different order", { ...DEPLOYED, operations: ["Query", "GetItem"], calls: ["Query"] }],
    ["its grants grow", { ...DEPLOYED, operations: ["GetItem", "Query", "PutItem"] }],
    ["its grants shrink and its code stays", { ...WITHOUT_QUERY, calls: DEPLOYED.operations }],
    ["the function is replaced by another one", { ...WITHOUT_QUERY, functions: ["other"] }],
  ])("loses nothing if %s", async (_, version) => {
    expect((await preview(version)).said).not.toContain("loses");
  });

  test("loses a variable that the new code doesn't read", async () => {
    const { said } = await preview({ ...DEPLOYED, variables: [], calls: ["Query", "GetItem"] });
    expect(said).toContain(LOSS);
    expect(said).toContain("the environment variable MODE");
    expect(said).not.toContain("dynamodb:");
  });

  test("loses a grant that the new code doesn't need: the preview and a pull request's comment say so", async () => {
    await write(WITHOUT_QUERY);
    const { code, said } = await workspace.npmRun("preview", "--stack", "dev", "--non-interactive");
    expect(code).toBe(0);
    for (const output of [said, planComment({ stack: "dev", run: "", succeeded: true, output: said })]) {
      expect(output).toContain(LOSS);
      expect(output).toContain(QUERY);
      expect(output).toContain("deploy twice: first the code that no longer uses it");
      expect(output).not.toContain("MODE");
      expect(output).not.toContain("dynamodb:GetItem");
    }
  });

  test("is updated in spite of the warning, which comes before the update and leaves no trace in the state", async () => {
    await write(WITHOUT_QUERY);
    const { code, said } = await workspace.npmRun("up", "--stack", "dev", "--yes");
    expect(code).toBe(0);
    expect(said.split(QUERY)).toHaveLength(2);
    expect(said.indexOf(QUERY)).toBeLessThan(said.indexOf("Updating (dev)"));
    expect(JSON.stringify(await workspace.export("dev"))).not.toMatch(/hooks/i);
  });

  test("loses nothing in the two steps of docs/deploy.md; the first needs the exception shown there", async () => {
    // Growing again loses nothing.
    await write(DEPLOYED);
    const grown = await workspace.npmRun("up", "--stack", "dev", "--yes");
    expect({ code: grown.code, warned: grown.said.includes("loses") }).toEqual({ code: 0, warned: false });

    await write({ ...DEPLOYED, calls: WITHOUT_QUERY.operations });
    const refused = await workspace.npmRun("preview", "--stack", "dev");
    expect(refused.code).not.toBe(0);
    expect(refused.violations).toMatchObject([{ policyName: "unused-grant" }, { policyName: "summary" }]);

    const config = join(workspace.folder, "policies.json");
    const [, documented = ""] = /```json\n([\s\S]*?"unused-grant"[\s\S]*?)```/.exec(await readGuide()) ?? [];
    await writeFile(config, documented.replace("editMessage", "reader"));
    const pack = ["--policy-pack", "policy", "--policy-pack-config", config];
    const first = await workspace.operate("up", "dev", ...pack);
    expect({ code: first.code, said: first.code === 0 ? "" : first.said }).toEqual({ code: 0, said: "" });

    await write(WITHOUT_QUERY);
    const second = await workspace.npmRun("up", "--stack", "dev", "--yes");
    expect({ code: second.code, warned: second.said.includes("loses") }).toEqual({ code: 0, warned: false });
  }, 300_000);
});

async function readGuide(): Promise<string> {
  const guide = await readFile(join(ROOT, "docs/deploy.md"), "utf8");
  // The block is indented, because it is in a list.
  return guide.replace(/^ {3}/gm, "");
}
