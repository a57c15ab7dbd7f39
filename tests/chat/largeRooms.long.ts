/** Rooms with more members than one function posts to: no member gets a message twice, and none is left out. */
import { createHash } from "node:crypto";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { Connection } from "../../chat/connections/connections.ts";
import type { PostingDeps } from "../../chat/fanOut/everyMember.ts";
import type { RangeDeps, RangeEvent } from "../../chat/fanOut/fanOutRange.ts";
import type { MemberRange } from "../../chat/rooms/members.ts";
import type { MessageEntry } from "../../protocol/entries.ts";
import { type AwsEndpoint, startAwsEndpoint } from "./awsEndpoint.ts";
import { type ChatCloud, CONNECTIONS, MESSAGES, startChatCloud } from "./chatCloud.ts";

const HOUR_MS = 3_600_000;
const TABLE = CONNECTIONS as never;
const NO_FAULT = { timedOut: 0, throttled: 0, failed: 0 };

let at: ChatCloud;
/** Stand-in for the API's `@connections`. */
let gateway: AwsEndpoint;
/** Stand-in for Lambda. */
let lambda: AwsEndpoint;
let chat: Awaited<ReturnType<typeof loadChat>>;
let reach: PostingDeps & RangeDeps;
let room = "";
let rooms = 0;

beforeAll(async () => {
  [at, gateway, lambda] = await Promise.all([startChatCloud(), startAwsEndpoint(), startAwsEndpoint()]);
  process.env.AWS_ENDPOINT_URL_LAMBDA = lambda.url;
  chat = await loadChat();
  reach = { connections: TABLE, messages: MESSAGES as never, posts: `${gateway.url}/dev`, fanOut: "chat-fanOut" };
});
afterAll(async () => {
  delete process.env.AWS_ENDPOINT_URL_LAMBDA;
  gateway?.stop();
  lambda?.stop();
  await at?.stop();
});

/**
 * Imports the chat's modules. Called only after the local cloud has started, because the modules' SDK clients connect
 * to that cloud.
 */
async function loadChat() {
  const connections = await import("../../chat/connections/connections.ts");
  return {
    ...connections,
    connectionRow: connections.rowOf,
    ...(await import("../../chat/presence/announce.ts")),
    ...(await import("../../chat/fanOut/everyMember.ts")),
    ...(await import("../../chat/fanOut/fanOutRange.ts")),
    ...(await import("../../chat/log/rows.ts")),
    ...(await import("../../chat/rooms/leave.ts")),
    ...(await import("../../chat/rooms/join.ts")),
    ...(await import("../../chat/rooms/members.ts")),
    ...(await import("../../chat/tables/batchWrite.ts")),
  };
}

beforeEach(async () => {
  room = `room ${++rooms}`;
  await store(MESSAGE);
});
afterEach(() => {
  for (const endpoint of [gateway, lambda]) {
    endpoint.asked = [];
    endpoint.answer = () => ({ status: endpoint === lambda ? 202 : 200 });
  }
});

const MESSAGE: MessageEntry = {
  seq: 1,
  kind: "message",
  id: "m1",
  user: { id: "ana", name: "Ana" },
  sentAt: 1,
  text: "hi",
};
async function fanOut(deps: PostingDeps = reach) {
  const { members: _, ...tally } = await chat.postToEveryMember(deps, room, [MESSAGE]);
  return tally;
}

/** Puts an entry into the room's log, replacing any at its position. */
const store = (entry: MessageEntry) =>
  chat.batchWrite(MESSAGES as never, [{ PutRequest: { Item: chat.rowOf(room, entry) } }]);

/** Ids that look like API Gateway's and whose order differs from the order of creation. */
const connectionIds = (count: number) =>
  Array.from(
    { length: count },
    (_, i) => `${createHash("sha256").update(`${room} ${i}`).digest("base64").slice(0, 15)}=`,
  );

const connection = (id: string, facts: Partial<Connection> = {}): Connection => ({
  id,
  user: { id: `user of ${id}`, name: "somebody" },
  connectedAt: Date.now() - 60_000,
  tokenExpiresAt: Date.now() + HOUR_MS,
  ...facts,
});

/** Adds connections to the room. */
async function fill(connections: Connection[]): Promise<void> {
  const puts = connections.flatMap((one) =>
    chat.membershipKeys(one.id, room).map((key) => ({ PutRequest: { Item: { ...key, ...chat.connectionRow(one) } } })),
  );
  const batches = Array.from({ length: Math.ceil(puts.length / 25) }, (_, i) => puts.slice(25 * i, 25 * (i + 1)));
  await Promise.all(batches.map((batch) => chat.batchWrite(TABLE, batch)));
}

/** Adds this many connections to the room. @returns their ids, in the table's order */
async function fillWith(count: number): Promise<string[]> {
  const ids = connectionIds(count);
  await fill(ids.map((id) => connection(id)));
  return ids.sort();
}

const postedTo = () => gateway.asked.map(({ path }) => path.replace("/dev/@connections/", ""));
const handedOver = () => lambda.asked.map(({ body }) => JSON.parse(body) as RangeEvent);
/** Does the work of the invocations that the function has requested. */
async function runRanges() {
  const tallies = [];
  for (const event of handedOver()) tallies.push(await chat.fanOutRange(reach, event));
  return tallies;
}

describe("an entry in a room of", () => {
  test.each([
    { count: 400, ranges: [] },
    { count: 401, ranges: [1] },
    { count: 850, ranges: [400, 50] },
  ])(
    "$count members reaches each member once, and further invocations post to $ranges of them",
    async ({ count, ranges }) => {
      const ids = await fillWith(count);
      const own = Math.min(count, 400);

      expect(await fanOut()).toEqual({
        posted: own,
        gone: 0,
        ...NO_FAULT,
        ranges: ranges.length,
      });
      expect(postedTo().sort()).toEqual(ids.slice(0, own));
      expect((await runRanges()).map(({ posted }) => posted)).toEqual(ranges);

      expect(postedTo().sort()).toEqual(ids);
      expect(new Set(gateway.asked.map(({ body }) => body))).toEqual(
        new Set([JSON.stringify({ type: "event", room, entries: [MESSAGE] })]),
      );
      expect(lambda.asked.every(({ path }) => path.includes("/functions/chat-fanOut/invocations"))).toBe(true);
    },
  );
});

test("dead connections lose their rows, wherever the ranges begin and end, and all others are reached", async () => {
  const ids = await fillWith(850);
  const gone = new Set(ids.filter((_, i) => i % 40 === 39 || i === 400 || i === 800));
  gateway.answer = ({ path }) =>
    gone.has(path.replace("/dev/@connections/", "")) ? { status: 410, error: "GoneException" } : { status: 200 };

  const own = await fanOut();
  expect(own).toEqual({ posted: 390, gone: 10, ...NO_FAULT, ranges: 2 });
  const tallies = await runRanges();

  expect(tallies.reduce((sum, { posted }) => sum + posted, own.posted)).toBe(850 - gone.size);
  expect(tallies.reduce((sum, tally) => sum + tally.gone, own.gone)).toBe(gone.size);
  expect(postedTo().sort()).toEqual(ids);

  gateway.asked = [];
  lambda.asked = [];
  await fanOut();
  await runRanges();
  expect(postedTo().sort()).toEqual(ids.filter((id) => !gone.has(id)));
});

test("a member who leaves before their range is posted to gets nothing, and one who joins inside a range gets it once", async () => {
  const ids = await fillWith(500);
  await fanOut();
  const [leaves, before] = [ids[450] as string, ids[460] as string];
  await chat.leave(TABLE, leaves, room);
  await fill([connection(`${before}+`)]);
  await runRanges();
  expect(postedTo().sort()).toEqual([...ids.filter((id) => id !== leaves), `${before}+`].sort());
});

describe("the next entry of a large room", () => {
  /** Posts an entry, so that this environment knows how the room is divided. */
  async function divide(count: number): Promise<string[]> {
    const ids = await fillWith(count);
    await fanOut();
    gateway.asked = [];
    lambda.asked = [];
    return ids;
  }

  const remove = (ids: string[]) =>
    chat.batchWrite(
      TABLE,
      ids.flatMap((id) => chat.membershipDeletes(id, [room])),
    );

  test("is handed over before this invocation has posted anything, and reaches each member once", async () => {
    const ids = await divide(850);
    let answerPosts = () => {};
    const held = new Promise<void>((resolve) => {
      answerPosts = resolve;
    });
    gateway.answer = async () => {
      await held;
      return { status: 200 };
    };
    const fannedOut = fanOut();
    await expect.poll(() => lambda.asked.length).toBe(2);
    answerPosts();
    expect(await fannedOut).toEqual({ posted: 400, gone: 0, ...NO_FAULT, ranges: 2 });
    await runRanges();
    expect(postedTo().sort()).toEqual(ids);
  });

  test("reaches those who joined in the meantime, wherever their ids sort", async () => {
    const ids = await divide(401);
    const joined = ["++++++++++++++A=", `${ids[200]}+`, `${ids[400]}+`, "zzzzzzzzzzzzzzz="];
    await fill(joined.map((id) => connection(id)));
    await fanOut();
    await runRanges();
    expect(postedTo().sort()).toEqual([...ids, ...joined].sort());
  });

  test("reaches everyone who is left, even if most have left", async () => {
    const ids = await divide(401);
    await remove(ids.slice(3, 400));
    expect(await fanOut()).toMatchObject({ posted: 3, ranges: 1 });
    await runRanges();
    expect(postedTo().sort()).toEqual([...ids.slice(0, 3), ids[400]]);
  });

  test("goes to ranges that are determined anew after 10 s", async () => {
    const ids = await divide(401);
    await remove(ids.slice(3, 400));
    vi.spyOn(Date, "now").mockReturnValue(Date.now() + 10_001);
    try {
      expect(await fanOut()).toMatchObject({ posted: 4, ranges: 0 });
    } finally {
      vi.restoreAllMocks();
    }
  });
});

describe("an event for a range", () => {
  test("has the positions of the entries but no text, because a dead-letter queue would keep the text", async () => {
    await fillWith(401);
    await fanOut();
    expect(handedOver()).toEqual([
      { room, from: 1, through: 1, range: { after: expect.any(String), through: expect.any(String) } },
    ]);
  });

  test("is posted with the entries in their current state: text erased in the meantime isn't shown", async () => {
    await fillWith(401);
    await fanOut();
    await store({ ...MESSAGE, text: "", erased: true });
    gateway.asked = [];
    await runRanges();
    expect(gateway.asked.map(({ body }) => JSON.parse(body))).toEqual([
      { type: "event", room, entries: [{ ...MESSAGE, text: "", erased: true }] },
    ]);
  });

  test("isn't posted once its entries have expired", async () => {
    await fillWith(401);
    await fanOut();
    gateway.asked = [];
    const range = handedOver()[0] as RangeEvent;
    expect(await chat.fanOutRange(reach, { ...range, from: 2, through: 2 })).toMatchObject({ posted: 0 });
    expect(gateway.asked).toEqual([]);
  });
});

describe("a range that can't be handed over", () => {
  const refusing = (refused: (nth: number) => boolean) => {
    let nth = 0;
    lambda.answer = () => (refused(++nth) ? { status: 404, error: "ResourceNotFoundException" } : { status: 202 });
  };

  test("is counted and doesn't fail the send", async () => {
    await fillWith(500);
    refusing(() => true);
    expect(await fanOut()).toEqual({
      posted: 400,
      gone: 0,
      ...NO_FAULT,
      failed: 1,
      ranges: 0,
    });
  });

  test("leaves out no other members: the ranges after it are handed over", async () => {
    const ids = await fillWith(830);
    refusing((nth) => nth === 1);
    const tally = await fanOut();
    expect(tally).toMatchObject({ posted: 400, failed: 1, ranges: 1 });
    lambda.asked.shift();
    await runRanges();
    expect(postedTo().sort()).toEqual([...ids.slice(0, 400), ...ids.slice(800)]);
  });
});

test("a table that can't be read is counted as a failure and doesn't fail the send", async () => {
  const nowhere = { ...reach, connections: "no-such-table" as never };
  expect(await fanOut(nowhere)).toEqual({ posted: 0, gone: 0, ...NO_FAULT, failed: 1, ranges: 0 });
});

test("a range whose members can't be read fails, so that Lambda retries it", async () => {
  const nowhere = { ...reach, connections: "no-such-table" as never };
  const range = { after: "CONN#a", through: "CONN#b" };
  await expect(chat.fanOutRange(nowhere, { room, from: 1, through: 1, range })).rejects.toThrow();
});

test("ranges of any size that start after any member contain each following member once, in order, and no others", async () => {
  const ids = await fillWith(260);
  // These connections are in the room and its ranges but aren't posted to.
  const expired = ids.filter((_, i) => i % 13 === 0);
  await fill(expired.map((id) => connection(id, { tokenExpiresAt: Date.now() - 1 })));
  const property = fc.asyncProperty(fc.nat(259), fc.integer({ min: 1, max: 120 }), async (first, size) => {
    const ranges: MemberRange[] = [];
    for await (const range of chat.rangesOf(TABLE, room, `CONN#${ids[first]}`, size)) ranges.push(range);
    const sizes: number[] = [];
    const seen: string[] = [];
    for (const range of ranges) {
      const [after, through] = [range.after, range.through].map((key) => ids.indexOf(key.replace("CONN#", "")));
      sizes.push((through as number) - (after as number));
      for await (const { members } of chat.membersOf(TABLE, room, range)) seen.push(...members.map(({ id }) => id));
    }
    expect(seen).toEqual(ids.slice(first + 1).filter((id) => !expired.includes(id)));
    expect(sizes.slice(0, -1).every((each) => each === size)).toBe(true);
    expect(sizes.reduce((sum, each) => sum + each, 0)).toBe(ids.length - first - 1);
    expect(sizes.at(-1) ?? 1).toBeGreaterThan(0);
  });
  await fc.assert(property, {
    numRuns: 20,
    examples: [
      [259, 1],
      [0, 120],
      [139, 120],
    ],
  });
});

test("ranges of a room with more than 1 MB of rows include everyone", async () => {
  const ids = connectionIds(90).sort();
  await fill(ids.map((id) => connection(id, { user: { id, name: "x".repeat(15_000) } })));
  const seen: string[] = [];
  for await (const range of chat.rangesOf(TABLE, room, "CONN#", 40)) {
    for await (const { members } of chat.membersOf(TABLE, room, range)) seen.push(...members.map(({ id }) => id));
  }
  expect(seen).toEqual(ids);
});

describe("typing, in a room with", () => {
  test("only one person, on more connections than the limit for people, is announced to all the other connections", async () => {
    const ids = connectionIds(130).sort();
    await fill(ids.map((id) => connection(id, { user: { id: "ana", name: "Ana" } })));
    await typing(ids[0] as string);
    expect(postedTo().sort()).toEqual(ids.slice(1));
  });

  const typing = (connectionId: string) => {
    const user = { id: "ana", name: "Ana" };
    return chat.tellOthers(reach, { connectionId }, { type: "typing", room, user, typing: true });
  };

  test("100 members, is announced to the other 99", async () => {
    const [first, ...others] = await fillWith(100);
    await typing(first as string);
    expect(postedTo().sort()).toEqual(others);
  });

  test("101 members, isn't announced because that would cost too many posts", async () => {
    const [first] = await fillWith(101);
    await typing(first as string);
    expect(postedTo()).toEqual([]);
  });
});
