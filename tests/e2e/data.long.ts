/** `--data`: acknowledged messages survive the process, however it ends. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { DynamoDb } from "../../local/store/dynamodb.ts";
import { startTarget, type Target } from "./target.ts";

let target: Target | undefined;
let folder = "";

afterEach(async () => {
  await target?.stop();
  await rm(folder, { recursive: true, force: true });
});

// The test starts the local cloud twice.
const TIMEOUT_MS = 60_000;

test("after a kill -9, every acknowledged message is in the table, and the next start continues at a higher position", {
  timeout: TIMEOUT_MS,
}, async () => {
  folder = await mkdtemp(join(tmpdir(), "chat-data-"));
  target = await startTarget(["--data", folder]);
  const client = await target.connect("ana");
  const acknowledged: number[] = [];
  let sending = true;
  const sender = (async () => {
    for (let i = 0; sending; i++) {
      const ack = await client.ask({ id: `m${i}`, action: "sendMessage", text: `message ${i}` }).catch(() => undefined);
      if (ack?.type === "ack") acknowledged.push(ack.seq);
      if (acknowledged.length === 50) {
        sending = false;
        // The cloud is killed in the middle of its work: the 51st message is in flight.
        client.send({ action: "sendMessage", text: "one more" });
        target?.cloud?.process.kill("SIGKILL");
      }
    }
  })();
  await sender;
  await target.cloud?.ended;

  expect(await storedPositions(join(folder, "dynamodb"))).toEqual(expect.arrayContaining(acknowledged));

  target = await startTarget(["--data", folder]);
  const again = await target.connect("ana");
  const { seq } = await again.ask({ id: "later", action: "sendMessage", text: "after the restart" });
  expect(seq).toBeGreaterThan(Math.max(...acknowledged));
});

async function storedPositions(path: string): Promise<number[]> {
  const dynamodb = new DynamoDb({ path });
  const { body } = await dynamodb.call("Scan", JSON.stringify({ TableName: "chat-dev-messages" }));
  await dynamodb.close();
  return (JSON.parse(body).Items as { sk: { N: string } }[]).map(({ sk }) => Number(sk.N)).filter((seq) => seq > 0);
}
