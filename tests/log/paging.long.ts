/** Reads the log of a room with 25,000 messages through real clients, while others send. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { marshall } from "@aws-sdk/util-dynamodb";
import { afterAll, beforeAll, expect, test } from "vitest";
import { headKey, rowOf } from "../../chat/log/rows.ts";
import { DynamoDb } from "../../local/store/dynamodb.ts";
import type { AuthoredEntry, EntryContent } from "../../protocol/entries.ts";
import type { PageFrame } from "../../protocol/responses.ts";
import { startTarget, type Target } from "../e2e/target.ts";
import type { TestClient } from "../webSocketClient.ts";

const ROOM = "a busy room";
const ENTRIES = 25_000;
const FRAME_BYTES = 32_000;
const MESSAGES = "chat-dev-messages";

let target: Target;
let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "chat-paging-"));
  await fill(join(folder, "dynamodb"));
  target = await startTarget(["--data", folder]);
}, 120_000);
afterAll(async () => {
  await target?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** The entry at a position: mostly short messages, some of the maximum length, and every other kind of entry. */
function contentOf(seq: number): EntryContent {
  if (seq % 50 === 0) return { kind: "message", text: `${seq} ${"é".repeat(4_000)}` };
  if (seq % 11 === 0) return { kind: "edit", target: seq - 1, text: `edited ${seq}` };
  if (seq % 13 === 0) return { kind: "reaction", target: seq - 1, emoji: "👍", on: true };
  return { kind: "message", text: `message ${seq}` };
}

/** Makes every 97th position void. */
const isVoid = (seq: number) => seq % 97 === 0;

/** Writes the log into the folder from which the local cloud will load it. */
async function fill(path: string): Promise<void> {
  const dynamodb = new DynamoDb({ path });
  await dynamodb.createTable({
    TableName: MESSAGES,
    KeySchema: [
      { AttributeName: "pk", KeyType: "HASH" },
      { AttributeName: "sk", KeyType: "RANGE" },
    ],
    AttributeDefinitions: [
      { AttributeName: "pk", AttributeType: "S" },
      { AttributeName: "sk", AttributeType: "N" },
    ],
  });
  const sentAt = Date.now() - 3_600_000;
  const rows = Array.from({ length: ENTRIES }, (_, i) => {
    const seq = i + 1;
    const authored = { seq, id: `m${seq}`, user: { id: "writer", name: "Writer" }, sentAt };
    const row = rowOf(ROOM, { ...authored, ...contentOf(seq) } as AuthoredEntry);
    return isVoid(seq) ? { pk: row.pk, sk: seq, kind: "void", at: sentAt } : row;
  });
  rows.push({ ...headKey(ROOM), head: ENTRIES, headAt: sentAt });
  for (let from = 0; from < rows.length; from += 25) {
    const requests = rows
      .slice(from, from + 25)
      .map((row) => ({ PutRequest: { Item: marshall(row, { removeUndefinedValues: true }) } }));
    const { status, body } = await dynamodb.call(
      "BatchWriteItem",
      JSON.stringify({ RequestItems: { [MESSAGES]: requests } }),
    );
    if (status !== 200) throw new Error(body);
  }
  await dynamodb.close();
}

/** A reader in the room, and the size of the largest frame that it has received. */
async function reader(user: string) {
  const client = await target.connect(user);
  const frames = { largest: 0 };
  client.socket.on("message", (data: Buffer) => {
    frames.largest = Math.max(frames.largest, data.length);
  });
  await client.ask({ id: "join", action: "joinRoom", room: ROOM });
  return { client, frames };
}

/** Sends one message after another until it is told to stop. @returns the acknowledged messages */
function talk(client: TestClient, who: string) {
  const sent: { seq: number; text: string }[] = [];
  let on = true;
  const done = (async () => {
    for (let i = 0; on; i++) {
      const text = `${who} ${i}`;
      const { type, seq } = await client.ask({ id: `${who}-${i}`, action: "sendMessage", room: ROOM, text });
      expect(type).toBe("ack");
      sent.push({ seq, text });
    }
  })();
  return {
    async stop() {
      on = false;
      await done;
      return sent;
    },
  };
}

async function pageOf(client: TestClient, fields: object): Promise<PageFrame> {
  for (let attempt = 0; ; attempt++) {
    const page = await client.ask({ id: `page ${attempt}`, action: "getHistory", room: ROOM, ...fields });
    expect(page).toMatchObject({ type: "page" });
    if (page.retryAfterMs === undefined || page.entries.length > 0) return page;
    await new Promise((resolve) => setTimeout(resolve, page.retryAfterMs));
  }
}

test("a log is read both ways without gaps or duplicates, in frames of at most 32,000 bytes, while others send", async () => {
  const [forwards, backwards] = [await reader("forwards"), await reader("backwards")];
  const talkers = await Promise.all(["ana", "bob"].map(async (who) => talk((await reader(who)).client, who)));

  const up = (async () => {
    const entries: AuthoredEntry[] = [];
    let at = 0;
    for (;;) {
      const page = await pageOf(forwards.client, { after: at });
      expect(page.from).toBe(at + 1);
      entries.push(...page.entries);
      at = page.through;
      // The end of the log moves while it is being read.
      if (at >= ENTRIES) return { entries, at };
    }
  })();
  const down = (async () => {
    const entries: AuthoredEntry[] = [];
    for (let before = ENTRIES + 1; before > 1; ) {
      const page = await pageOf(backwards.client, { before });
      expect(page.through).toBe(before - 1);
      expect(page.more).toBe(page.from > 1);
      entries.unshift(...page.entries);
      before = page.from;
    }
    return entries;
  })();
  const [{ entries: read, at }, readDown] = await Promise.all([up, down]);
  const sent = (await Promise.all(talkers.map((talker) => talker.stop()))).flat();
  expect(sent.length).toBeGreaterThan(100);

  // The messages that existed before the talkers began.
  const expected = Array.from({ length: ENTRIES }, (_, i) => i + 1).filter((seq) => !isVoid(seq));
  const old = read.filter(({ seq }) => seq <= ENTRIES);
  expect(old.map(({ seq }) => seq)).toEqual(expected);
  expect(old).toEqual(readDown);
  for (const { seq, id, user, sentAt, ...content } of old)
    expect({ seq, ...content }).toEqual({ seq, ...contentOf(seq) });

  // The messages sent in the meantime: all of them, each once, at the position in its ack.
  const meanwhile = read.filter(({ seq }) => seq > ENTRIES);
  for (let after = at; ; ) {
    const page = await pageOf(forwards.client, { after });
    meanwhile.push(...page.entries);
    after = page.through;
    if (!page.more) break;
  }
  const byPosition = sent.sort((a, b) => a.seq - b.seq);
  expect(meanwhile.map((entry) => entry.kind === "message" && { seq: entry.seq, text: entry.text })).toEqual(
    byPosition,
  );

  for (const { frames } of [forwards, backwards]) expect(frames.largest).toBeLessThanOrEqual(FRAME_BYTES);
  expect(Math.max(forwards.frames.largest, backwards.frames.largest)).toBeGreaterThan(FRAME_BYTES / 2);
});
