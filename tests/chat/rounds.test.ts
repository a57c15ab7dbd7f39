/** Tests the lease on a busy room's fan-out, with real tables. */
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import type * as Append from "../../chat/log/append.ts";
import type { EntryContent } from "../../protocol/entries.ts";
import { type AwsEndpoint, startAwsEndpoint } from "./awsEndpoint.ts";
import { type ChatCloud, CONNECTIONS, MESSAGES, startChatCloud } from "./chatCloud.ts";

const MEMBERS = 5;

let at: ChatCloud;
/** Stand-in for the API's `@connections`. */
let gateway: AwsEndpoint;
/** Stand-in for Lambda. */
let lambda: AwsEndpoint;
let chat: Awaited<ReturnType<typeof loadChat>>;
let room = "";
let rooms = 0;

async function loadChat() {
  return {
    ...(await import("../../chat/log/append.ts")),
    ...(await import("../../chat/log/rows.ts")),
    ...(await import("../../chat/log/retention.ts")),
    ...(await import("../../chat/fanOut/fanOut.ts")),
    ...(await import("../../chat/fanOut/rounds.ts")),
    ...(await import("../../chat/fanOut/lease.ts")),
    ...(await import("../../chat/tables/batchWrite.ts")),
    ...(await import("../../chat/tables/client.ts")),
    connections: await import("../../chat/connections/connections.ts"),
  };
}

beforeAll(async () => {
  [at, gateway, lambda] = await Promise.all([startChatCloud(), startAwsEndpoint(), startAwsEndpoint()]);
  process.env.AWS_ENDPOINT_URL_LAMBDA = lambda.url;
  chat = await loadChat();
});
afterAll(async () => {
  delete process.env.AWS_ENDPOINT_URL_LAMBDA;
  gateway?.stop();
  lambda?.stop();
  await at?.stop();
});

beforeEach(async () => {
  rooms += 1;
  room = `room ${rooms}`;
  [gateway.asked, lambda.asked] = [[], []];
  gateway.answer = () => ({ status: 200 });
  lambda.answer = () => ({ status: 202 });
  const puts = Array.from({ length: MEMBERS }, (_, i) => {
    const id = `${rooms}-${i}`.padEnd(15, "x");
    const user = { id: `user ${i}`, name: "somebody" };
    const row = chat.connections.rowOf({ id, user, connectedAt: Date.now(), tokenExpiresAt: Date.now() + 3_600_000 });
    return chat.connections.membershipKeys(id, room).map((key) => ({ PutRequest: { Item: { ...key, ...row } } }));
  });
  await chat.batchWrite(CONNECTIONS as never, puts.flat());
});

const deps = () => ({
  connections: CONNECTIONS as never,
  messages: MESSAGES as never,
  posts: `${gateway.url}/dev`,
  fanOut: "chat-fanOut",
  retention: chat.FOR_EVER,
});

let ids = 0;
function append(content: EntryContent = { kind: "message", text: `message ${ids + 1}` }): Promise<Append.Appended> {
  ids += 1;
  return chat.append(MESSAGES as never, {
    room,
    user: { id: "ana", name: "Ana" },
    id: `id ${ids}`,
    content,
    retry: false,
  });
}

async function send() {
  const { entry, turn } = await append();
  return chat.fanOut(deps(), room, entry, turn);
}

async function takeLease({ entry, turn }: Pick<Append.Appended, "entry" | "turn">) {
  const lease = await chat.Lease.take(MESSAGES as never, room, entry.seq, chat.leaseIn(turn?.before ?? {}));
  if (!(lease instanceof chat.Lease)) throw new Error("the lease isn't free");
  return lease;
}

/** The positions posted to each member, in the order of the posts. */
function postedTo(): Map<string, number[]> {
  const posted = new Map<string, number[]>();
  for (const { path, body } of gateway.asked) {
    const seqs = JSON.parse(body).entries.map(({ seq }: { seq: number }) => seq);
    posted.set(path, [...(posted.get(path) ?? []), ...seqs]);
  }
  return posted;
}

const roomRow = () => rowAt(chat.headKey(room));

async function rowAt(Key: object) {
  const { GetCommand } = await import("@aws-sdk/lib-dynamodb");
  const { Item } = await chat.dynamodb.send(new GetCommand({ TableName: MESSAGES, Key, ConsistentRead: true }));
  return Item ?? {};
}

/** Holds posts back until they are released. */
function holdPosts() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  let isHeld = false;
  const held = vi.waitFor(() => expect(isHeld).toBe(true), { timeout: 5_000 });
  gateway.answer = async () => {
    isHeld = true;
    await opened;
    return { status: 200 };
  };
  return { held, open };
}

test("a sender in a quiet room posts its own entry and takes no lease", async () => {
  expect(await send()).toMatchObject({ way: "direct", posted: MEMBERS, rounds: 1 });
  expect(await roomRow()).not.toHaveProperty("leaseN");
});

test("in a busy room one function posts for all: entries appended during its round are posted together in the next", async () => {
  await send();
  gateway.asked = [];
  const posts = holdPosts();
  const holder = send();
  await posts.held;
  const others = await Promise.all(Array.from({ length: 10 }, () => send()));
  expect(others.map(({ way }) => way)).toEqual(Array(10).fill("held"));
  posts.open();
  expect(await holder).toMatchObject({ way: "rounds", rounds: 2, entries: 11, posted: 2 * MEMBERS });
  expect([...postedTo().values()]).toEqual(Array(MEMBERS).fill([2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]));
  expect(await roomRow()).toMatchObject({ fanned: 12, memberCount: MEMBERS });
  expect(await roomRow()).not.toHaveProperty("leaseOwner");
});

test("even functions that don't know a busy room's size use its lease, so none posts what the holder posts", async () => {
  const [, second, third] = [await append(), await append(), await append()];
  const posts = holdPosts();
  const holder = chat.fanOut(deps(), room, second.entry, second.turn);
  await posts.held;
  expect(await chat.fanOut(deps(), room, third.entry, third.turn)).toMatchObject({ way: "held" });
  posts.open();
  expect(await holder).toMatchObject({ way: "rounds" });
  expect([...postedTo().values()]).toEqual(Array(MEMBERS).fill([2, 3]));
});

test("in a busy room with few members, one function takes a lease and counts them, and later ones take none", async () => {
  room = `${room} without members`;
  await append();
  expect([(await send()).way, (await send()).way, (await send()).way]).toEqual(["rounds", "direct", "direct"]);
});

test("functions that lose the race for the lease post only the entries that its holder won't post", async () => {
  await send();
  const [second, third, fourth] = [await append(), await append(), await append()];
  gateway.asked = [];
  const posts = holdPosts();
  const holder = chat.fanOut(deps(), room, third.entry, third.turn);
  await posts.held;
  expect(await chat.fanOut(deps(), room, fourth.entry, fourth.turn)).toMatchObject({ way: "held" });
  const below = chat.fanOut(deps(), room, second.entry, second.turn);
  posts.open();
  expect(await below).toMatchObject({ way: "direct", posted: MEMBERS });
  await holder;
  for (const posted of postedTo().values()) expect(posted.toSorted()).toEqual([2, 3, 4]);
});

test("an entry that was posted under a lease isn't posted again by its sender, even after the lease was released", async () => {
  await send();
  const [second, third] = [await append(), await append()];
  await chat.fanOut(deps(), room, second.entry, second.turn);
  expect((await roomRow()).leaseOwner).toBeUndefined();
  expect(await chat.fanOut(deps(), room, third.entry, third.turn)).toMatchObject({ way: "held" });
  for (const posted of postedTo().values()) expect(posted.toSorted()).toEqual([1, 2, 3]);
});

test("an entry below those that were posted under a lease is posted by its sender after the lease was released", async () => {
  await send();
  const [second, third] = [await append(), await append()];
  await chat.fanOut(deps(), room, third.entry, third.turn);
  expect(await chat.fanOut(deps(), room, second.entry, second.turn)).toMatchObject({ way: "direct" });
  for (const posted of postedTo().values()) expect(posted.toSorted()).toEqual([1, 2, 3]);
});

test("rounds erase a deleted message before they post the deletion, even if the deletion's own function hasn't yet", async () => {
  const { entry } = await append();
  const lease = await takeLease(await append());
  const { entry: deletion } = await append({ kind: "delete", target: entry.seq });
  const textsWhenPosted: unknown[] = [];
  gateway.answer = async () => {
    textsWhenPosted.push((await rowAt(chat.entryKey(room, entry.seq))).text);
    return { status: 200 };
  };
  await chat.runRounds(deps(), lease, deletion.seq, Date.now() + 60_000);
  expect([...postedTo().values()]).toEqual(Array(MEMBERS).fill([2, 3]));
  expect(textsWhenPosted).toEqual(Array(MEMBERS).fill(""));
});

test("a member who joins between rounds gets the entries that are posted from then on", async () => {
  await send();
  const posts = holdPosts();
  const holder = send();
  await posts.held;
  const id = "late".padEnd(15, "x");
  const user = { id: "late", name: "Late" };
  const row = chat.connections.rowOf({ id, user, connectedAt: Date.now(), tokenExpiresAt: Date.now() + 3_600_000 });
  const keys = chat.connections.membershipKeys(id, room);
  await chat.batchWrite(
    CONNECTIONS as never,
    keys.map((key) => ({ PutRequest: { Item: { ...key, ...row } } })),
  );
  await send();
  posts.open();
  await holder;
  expect(postedTo().get(`/dev/@connections/${id}`)).toEqual([3]);
});

test("a function that finds an expired lease continues where its holder stopped", async () => {
  await send();
  const dead = await append();
  expect((await takeLease(dead)).fanned).toBe(1);
  const { owner, leaseUntil } = { owner: (await roomRow()).leaseOwner, leaseUntil: (await roomRow()).leaseUntil };
  expect(await send()).toMatchObject({ way: "held" });
  gateway.asked = [];
  vi.useFakeTimers({ toFake: ["Date"], now: (leaseUntil as number) + 1 });
  expect(await send()).toMatchObject({ way: "rounds", entries: 3 });
  vi.useRealTimers();
  expect([...postedTo().values()]).toEqual(Array(MEMBERS).fill([2, 3, 4]));
  expect((await roomRow()).leaseOwner).not.toBe(owner);
});

test("a lease is renewed as long as rounds continue, however short they are", async () => {
  await send();
  const appended = await append();
  const { entry } = appended;
  const lease = await takeLease(appended);
  // This takes longer than a lease lasts, with an append in each round.
  const until = performance.now() + 3_200;
  let endsAt = 0;
  gateway.answer = async () => {
    if (performance.now() < until) await append();
    else endsAt ||= (await roomRow()).leaseUntil as number;
    return { status: 200 };
  };
  const started = Date.now();
  await chat.runRounds(deps(), lease, entry.seq, Date.now() + 60_000);
  expect(endsAt).toBeGreaterThan(started + 3_200);
});

test("rounds wait for a hole, post the entries above it at once, and fill it after the grace period", {
  timeout: 20_000,
}, async () => {
  await send();
  gateway.asked = [];
  const posts = holdPosts();
  const holder = send();
  await posts.held;
  // Claims a position that is never written.
  const row = await roomRow();
  const { UpdateCommand } = await import("@aws-sdk/lib-dynamodb");
  const values = { ":one": 1, ":now": Date.now() };
  const update = { UpdateExpression: "SET headAt = :now ADD head :one", ExpressionAttributeValues: values };
  await chat.dynamodb.send(new UpdateCommand({ TableName: MESSAGES, Key: chat.headKey(room), ...update }));
  expect(row.head).toBe(2);
  await send();
  posts.open();
  const started = performance.now();
  expect(await holder).toMatchObject({ way: "rounds" });
  expect(performance.now() - started).toBeGreaterThan(1_500);
  for (const seqs of postedTo().values()) expect(seqs).toEqual([2, 4, 3]);
  expect(await roomRow()).toMatchObject({ head: 4, fanned: 4 });
});

test("a lease that is handed over continues at its position, and only once", async () => {
  await send();
  const appended = await append();
  const { entry } = appended;
  const lease = await takeLease(appended);
  gateway.asked = [];
  // The holder's time is up when the first round ends.
  lambda.asked = [];
  const posts = holdPosts();
  const rounds = chat.runRounds(deps(), lease, entry.seq, Date.now());
  await posts.held;
  await append();
  posts.open();
  await rounds;
  const [event] = lambda.asked.map(({ body }) => JSON.parse(body));
  expect(event).toEqual({ room, owner: lease.owner, fanned: 2, head: 2 });
  gateway.asked = [];
  expect(await chat.takeOverRounds(deps(), event, Date.now() + 60_000)).toMatchObject({ rounds: 1, entries: 1 });
  expect([...postedTo().values()]).toEqual(Array(MEMBERS).fill([3]));
  // Lambda may run an asynchronous invocation twice.
  expect(await chat.takeOverRounds(deps(), event, Date.now() + 60_000)).toBeUndefined();
});
