/**
 * A chat like those in tutorials. It relies on default behavior of Lambda and API Gateway, which must therefore exist
 * locally, too.
 */
import { connect as connectSocket } from "node:net";
import {
  BatchGetItemCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  ListTablesCommand,
  ScanCommand,
} from "@aws-sdk/client-dynamodb";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LocalCloud, operatorAccess, startLocalCloud } from "../localCloud.ts";
import { HandshakeRefused, TestClient } from "../webSocketClient.ts";

let cloud: LocalCloud;
let client: TestClient;

beforeAll(async () => {
  // There is no `Pulumi.dev.yaml`, so the configuration comes from `Pulumi.yaml`.
  cloud = await startLocalCloud(["--program", "tests/programs/broadcast"]);
  client = await TestClient.open(cloud.outputs.url as string);
});
afterAll(() => cloud.stop());

async function ask(action: string, fields: object = {}) {
  client.send({ action, ...fields });
  return client.next();
}

const warnings = () => cloud.reports.flatMap((report) => (report.event === "warning" ? [report.message] : []));

describe("a function", () => {
  it("has the runtime's AWS SDK, posts to the address in its event, and reads files of its archive", async () => {
    const other = await TestClient.open(cloud.outputs.url as string);
    client.send({ action: "say", text: "hello" });
    expect(await client.next()).toEqual({ said: "HELLO!" });
    expect(await other.next()).toEqual({ said: "HELLO!" });
    other.socket.close();
  });

  it("can't load other packages that aren't in its archive, even if this machine has them", async () => {
    expect(await ask("look")).toEqual({ installed: "MODULE_NOT_FOUND", sdk: "loaded", cwd: true });
  });

  it("may be a CallbackFunction without a role of its own, whose callback reads the project's configuration", async () => {
    expect(await ask("written")).toEqual({ greeting: "welcome" });
  });

  it("creates its log group if its role allows it", () => {
    const groups = new Set(cloud.reports.flatMap((report) => (report.event === "log" ? [report.group] : [])));
    expect([...groups]).toContainEqual(expect.stringMatching(/^\/aws\/lambda\/connect/));
    expect(warnings().join("\n")).not.toContain("log lines are lost");
  });

  it("whose invocation fails is reported with what its author needs, and nothing about its runtime", async () => {
    expect(await ask("fail", { reason: "a test" })).toMatchObject({ message: "Internal server error" });
    const failure = await cloud.waitFor("failure", ({ route }) => route === "fail");
    expect(failure).toMatchObject({
      errorType: "TypeError",
      errorMessage: "the tray is empty",
      requestId: expect.any(String),
    });
    expect(failure.trace).toEqual([expect.stringMatching(/^at exports\.fail \(index\.js:\d+:\d+\)$/)]);
    expect(failure.printed).toEqual([expect.stringMatching(/\tINFO\tabout to fail for a test$/)]);
    const lines = cloud.reports.flatMap((report) => (report.event === "log" ? [report.line] : []));
    expect(lines.filter((line) => line.includes("data:text/javascript"))).toEqual([]);
  });

  it("that can't reach its target is reported, even if it swallows the error", async () => {
    expect(await ask("unreachable")).toEqual({ swallowed: true });
    expect(warnings()).toContainEqual(expect.stringMatching(/^unreachable\S* could not reach 127\.0\.0\.1:1: /));
  });
});

it("callers from outside act as an administrator with the variables that startup prints", async () => {
  const { endpoint, region, credentials } = await operatorAccess(cloud);
  const dynamodb = new DynamoDBClient({ endpoint, region, credentials });
  expect((await dynamodb.send(new ListTablesCommand())).TableNames).toEqual(["connections"]);
  // A table may be named by its ARN.
  const TableName = `arn:aws:dynamodb:${region}:000000000000:table/connections`;
  expect((await dynamodb.send(new ScanCommand({ TableName }))).Items).not.toEqual([]);
  const key = { connectionId: { S: "nobody" } };
  const found = await dynamodb.send(new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys: [key] } } }));
  expect(found.Responses).toEqual({ connections: [] });
  const { TimeToLiveDescription } = await dynamodb.send(new DescribeTimeToLiveCommand({ TableName }));
  expect(TimeToLiveDescription).toEqual({ TimeToLiveStatus: "DISABLED" });
});

it("a failing function's log is returned by Invoke on request", async () => {
  const response = await new LambdaClient(await operatorAccess(cloud)).send(
    new InvokeCommand({ FunctionName: "fail", LogType: "Tail", Payload: '{"body":"{\\"reason\\":\\"a call\\"}"}' }),
  );
  expect(response.FunctionError).toBe("Unhandled");
  expect(Buffer.from(response.LogResult ?? "", "base64").toString()).toMatch(
    /^START RequestId: .*\n[\s\S]*about to fail for a call\n[\s\S]*END RequestId: .*\nREPORT RequestId: /,
  );
});

describe("an AWS managed policy", () => {
  it("that isn't known is reported once, with a workaround", () => {
    const about = warnings().filter((message) => message.includes("AmazonBraketFullAccess"));
    expect(about).toEqual([expect.stringContaining("give the role an inline policy")]);
  });
});

describe("an integration", () => {
  it("may invoke its function with a role, without a permission of the function", async () => {
    client.send({ action: "asRole" });
    // The function answers without a body, so only the local cloud's report shows that it ran.
    await cloud.waitFor("message", ({ route }) => route === "asRole");
    expect(cloud.reports.some((report) => report.event === "denied")).toBe(false);
    expect(client.frames).toEqual([]);
  });

  it("that takes too long is answered by the gateway", async () => {
    expect(await ask("slow")).toMatchObject({ message: "Endpoint request timed out" });
  });

  it("may be a mock, which answers nothing, or an HTTP address, which must exist", async () => {
    client.send({ action: "mock" });
    await cloud.waitFor("message", ({ route }) => route === "mock");
    expect(client.frames).toEqual([]);
    expect(await ask("http")).toMatchObject({ message: "Internal server error" });
  });
});

describe("a stage with autoDeploy", () => {
  it("is protected by an authorizer that was registered after it", async () => {
    const refused = await TestClient.open(cloud.outputs.guardedUrl as string).catch((error) => error);
    expect(refused).toBeInstanceOf(HandshakeRefused);
    expect(refused.status).toBe(401);
  });
});

describe("a handshake", () => {
  /** The response's status line and headers, excluding those that every handshake has. */
  async function answerTo(headers: Record<string, string>): Promise<string> {
    const { hostname, port, pathname } = new URL(cloud.outputs.url as string);
    const socket = connectSocket(Number(port), hostname);
    const all = {
      Host: `${hostname}:${port}`,
      Connection: "Upgrade",
      Upgrade: "websocket",
      "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
      "Sec-WebSocket-Version": "13",
      ...headers,
    };
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`GET ${pathname} HTTP/1.1\r\n${lines.join("")}\r\n`);
    let answer = "";
    for await (const data of socket) {
      answer += data;
      if (answer.includes("\r\n\r\n")) break;
    }
    return answer;
  }

  it("of a different version is answered with 426", async () => {
    expect(await answerTo({ "Sec-WebSocket-Version": "8" })).toMatch(/^HTTP\/1.1 426 [\s\S]*Sec-WebSocket-Version: 13/);
  });

  it.each([
    ["a key of the wrong length", { "Sec-WebSocket-Key": "short" }],
    ["another protocol", { Upgrade: "h2c" }],
    ["a subprotocol that isn't a token", { "Sec-WebSocket-Protocol": "a b" }],
    ["the same subprotocol twice", { "Sec-WebSocket-Protocol": "a, a" }],
  ])("that has %s is answered with 400, and $connect doesn't run", async (_, headers) => {
    const runs = () => cloud.reports.filter((r) => r.event === "log" && /connect.*START/.test(r.group + r.line)).length;
    const before = runs();
    expect(await answerTo(headers)).toMatch(/^HTTP\/1.1 400 /);
    expect(runs()).toBe(before);
  });

  it.each(["permessage-deflate; server_max_window_bits=7", "permessage-bzip2", "permessage-deflate; color=green"])(
    "that offers %s continues without it",
    async (offer) => {
      const answer = await answerTo({ "Sec-WebSocket-Extensions": offer });
      expect(answer).toMatch(/^HTTP\/1.1 101 /);
      expect(answer).not.toContain("Sec-WebSocket-Extensions");
    },
  );

  it("that offers compression gets it", async () => {
    const answer = await answerTo({ "Sec-WebSocket-Extensions": "permessage-bzip2, permessage-deflate" });
    expect(answer).toContain("Sec-WebSocket-Extensions: permessage-deflate");
  });

  it("is also required for a path below the stage: a plain GET is answered with 426", async () => {
    const url = (cloud.outputs.url as string).replace("ws:", "http:");
    expect((await fetch(`${url}/below`)).status).toBe(426);
  });
});
