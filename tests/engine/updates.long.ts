/** Tests the changes that later updates make to a stack, on the real Pulumi engine, against a stand-in for AWS. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Ended, SKIPPED, type Step, Workspace } from "./workspace.ts";

if (SKIPPED !== undefined) console.warn(SKIPPED);

/** `op Type name` of every changed resource, in the order in which the engine began the changes. */
function changesOf({ steps }: { steps: Step[] }): string[] {
  return steps.filter(({ op }) => op !== "same").map(({ op, type, name }) => `${op} ${type.split(":").at(-1)} ${name}`);
}

function expectToEndWell({ code, said }: Ended): void {
  expect({ code, said: code === 0 ? "" : said }).toEqual({ code: 0, said: "" });
}

const WAVE = `
    wave: new CallbackFunction("wave", {
      callback: async () => ({ statusCode: 200 }),
      uses: {},
    }),
`;

describe.skipIf(SKIPPED !== undefined)("the stack dev", () => {
  let dev: Workspace;

  beforeAll(async () => {
    dev = await Workspace.make();
    await dev.pulumi("stack", "init", "dev");
  });
  afterAll(() => dev?.end());

  test("is completed by a second `pulumi up` if the first fails halfway", async () => {
    dev.failing = "aws:lambda/function:Function sendMessage";
    const failed = await dev.operate("up", "dev");
    expect(failed.code).not.toBe(0);
    expect(failed.said).toContain("TooManyRequestsException");

    dev.failing = "";
    const repeated = await dev.operate("up", "dev");

    expectToEndWell(repeated);
    const changes = changesOf(repeated);
    expect(changes.filter((change) => !change.startsWith("create "))).toEqual([]);
    const begun = changesOf(failed);
    expect(changes.filter((change) => begun.includes(change))).toEqual(["create Function sendMessage"]);
  });

  test("doesn't change in another `pulumi up`", async () => {
    const again = await dev.operate("up", "dev", "--expect-no-changes");
    expectToEndWell(again);
    expect(changesOf(again)).toEqual([]);
  });

  test("changes one function when one function's code changes, and shows this in the preview", async () => {
    await dev.edit("handlers/ping.ts", /$/, "\nconsole.log('changed');\n");
    expect(changesOf(await dev.operate("preview", "dev"))).toEqual(["update Function ping"]);
    const updated = await dev.operate("up", "dev");
    expectToEndWell(updated);
    expect(changesOf(updated)).toEqual(["update Function ping"]);
  });

  test("gets a new API deployment when a route is added, once the route is complete", async () => {
    await dev.edit("index.ts", "\n    $default: chatFunction", `${WAVE}    $default: chatFunction`);
    const added = await dev.operate("up", "dev");
    expectToEndWell(added);
    const changes = changesOf(added);
    expect([...changes].sort()).toEqual(
      [
        ...["CallbackFunction wave", "Function wave", "LogGroup wave", "Role wave", "RolePolicy wave"],
        ...["Integration chat-wave", "Permission chat-wave", "Route chat-wave", "RouteResponse chat-wave"],
      ]
        .map((made) => `create ${made}`)
        .concat("create-replacement Deployment chat", "replace Deployment chat", "update Stage chat")
        .concat("delete-replaced Deployment chat")
        .sort(),
    );
    const order = [
      "RouteResponse chat-wave",
      "create-replacement Deployment",
      "update Stage",
      "delete-replaced Deployment",
    ];
    const at = order.map((part) => changes.findIndex((change) => change.includes(part)));
    expect(at).not.toContain(-1);
    expect(at).toEqual([...at].sort((a, b) => a - b));
  });

  test("gets a new API deployment when a route is removed, before the route is deleted", async () => {
    await dev.edit("index.ts", WAVE, "\n");
    const removed = await dev.operate("up", "dev");
    expectToEndWell(removed);
    const changes = changesOf(removed);
    expect(changes.filter((change) => !/^delete \w+ (chat-)?wave$/.test(change)).sort()).toEqual(
      [
        ...["create-replacement Deployment chat", "replace Deployment chat", "update Stage chat"],
        "delete-replaced Deployment chat",
      ].sort(),
    );
    expect(changes).toHaveLength(9 + 4);
    expect(changes.indexOf("update Stage chat")).toBeLessThan(changes.indexOf("delete Route chat-wave"));
  });

  test("replaces a role: deletes its policies, then the role, then creates another with the same name", async () => {
    await dev.edit(
      "components/CallbackFunction.ts",
      'assumableBy("lambda.amazonaws.com"),',
      '$& ...{ path: "/moved/" },',
    );
    const replaced = await dev.operate("up", "dev");
    expectToEndWell(replaced);
    const changes = changesOf(replaced);
    expect(changes.filter((change) => / Table | UserPool | LogGroup | Queue | Api | Stage /.test(change))).toEqual([]);
    const order = ["delete-replaced RolePolicy ping", "delete-replaced Role ping", "create-replacement Role ping"];
    const at = [...order, "create-replacement RolePolicy ping"].map((change) => changes.indexOf(change));
    expect(at).not.toContain(-1);
    expect(at).toEqual([...at].sort((a, b) => a - b));
  });

  test("keeps tables and users when the stage is renamed", async () => {
    await dev.pulumi("config", "set", "stageName", "live", "--stack", "dev");
    const renamed = await dev.operate("up", "dev");
    expectToEndWell(renamed);
    const kinds = new Set(changesOf(renamed).map((change) => change.split(" ").slice(0, 2).join(" ")));
    expect([...kinds].sort()).toEqual(
      [
        ...["create-replacement Stage", "replace Stage", "delete-replaced Stage"],
        ...["create-replacement Permission", "replace Permission", "delete-replaced Permission"],
        ...["update CallbackFunction", "update Function", "update RolePolicy", "update WebSocketApi"],
        // The page's config.json.
        "update BucketObjectv2",
      ].sort(),
    );
  });
});

describe.skipIf(SKIPPED !== undefined)("the stack prod", () => {
  let prod: Workspace;

  beforeAll(async () => {
    prod = await Workspace.make();
    await prod.pulumi("stack", "init", "prod");
    expectToEndWell(await prod.operate("up", "prod"));
  });
  afterAll(() => prod?.end());

  test("isn't destroyed while its data is protected: nothing is deleted, and the output says what to do", async () => {
    const before = prod.account.all().length;
    const refused = await prod.npmRun("destroy", "--stack", "prod", "--yes");
    expect(refused.code).not.toBe(0);
    expect(prod.account.all()).toHaveLength(before);
    expect(refused.said).toContain("it is protected");
    expect(refused.said).toContain("npx pulumi config set protectData false --stack prod");
  });

  test("refuses to change a table's key", async () => {
    await prod.edit(
      "index.ts",
      'new Table("messages", {\n  hashKey: "pk"',
      'new Table("messages", {\n  hashKey: "room"',
    );
    const refused = await prod.operate("preview", "prod");
    await prod.edit("index.ts", 'hashKey: "room"', 'hashKey: "pk"');
    expect(refused.code).not.toBe(0);
    expect(refused.said).toMatch(
      /unable to replace resource "[^"]+::messages"\s+as it is currently marked for protection/,
    );
  });

  test("can be destroyed once its data is no longer protected", async () => {
    await prod.pulumi("config", "set", "protectData", "false", "--stack", "prod");
    const unprotected = await prod.operate("up", "prod");
    expectToEndWell(unprotected);
    expect(changesOf(unprotected).filter((change) => !change.startsWith("update "))).toEqual([]);
    expectToEndWell(await prod.npmRun("destroy", "--stack", "prod", "--yes"));
    expect(prod.account.all()).toEqual([]);
  });
});
