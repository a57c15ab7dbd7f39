/** Backends publish through their own function, into the same log and with the same pushes as people's messages. */
import type { Lambda } from "@aws-sdk/client-lambda";
import { beforeAll, expect, test } from "vitest";
import { operatorFunction } from "../../cli/operatorFunction.ts";
import { type MessageToPublish, publish } from "../../client/publish/index.ts";
import type { Target } from "../e2e/target.ts";
import { hear, join, request, say, unique } from "./requests.ts";

export function describePublishing(start: () => Promise<Target>): void {
  let target: Target;
  let lambda: Lambda;
  let functionArn: string;

  beforeAll(async () => {
    target = await start();
    ({ lambda, functionName: functionArn } = await operatorFunction("publish", { port: new URL(target.url).port }));
  });

  /** Publishes as a new service by default, so that tests don't share a rate. */
  const asService = (messages: MessageToPublish[], service = unique("service")) =>
    publish({ lambda, functionArn, service }, messages);

  /** The function's answer to a raw request. */
  async function answerTo(payload: unknown) {
    const { FunctionError, Payload } = await lambda.invoke({
      FunctionName: functionArn,
      Payload: JSON.stringify(payload),
    });
    expect(FunctionError).toBeUndefined();
    return JSON.parse(Payload?.transformToString() as string);
  }

  test("members get a service's messages in order and can read them in the log", async () => {
    const [room, service] = [unique("room"), unique("billing")];
    const ana = await target.connect("ana");
    await join(room, ana);
    const { seq: first } = await say(ana, room, "before");
    const texts = Array.from({ length: 25 }, (_, i) => `invoice ${i}`);
    const published = await asService(
      texts.map((text) => ({ room, text, replyTo: first })),
      service,
    );

    expect(published.map((result) => result.error ?? result.seq)).toEqual(texts.map((_, i) => first + 1 + i));
    for (const text of texts) await hear(ana, text);
    const { entries } = await request(ana, "getHistory", { room, after: first });
    const user = { id: `service:${service}`, name: service };
    expect(entries).toEqual(
      published.map((result, i) => ({ ...result, kind: "message", text: texts[i], user, replyTo: first })),
    );
  });

  test("one request reaches several rooms, including private ones", async () => {
    const rooms = [unique("room"), unique("private-room")];
    const people = [await target.connect("ana"), await target.connect("bob")];
    for (const [i, room] of rooms.entries()) await join(room, people[i] as (typeof people)[0]);
    await asService(rooms.map((room) => ({ room, text: `to ${room}` })));
    for (const [i, room] of rooms.entries()) await hear(people[i] as (typeof people)[0], `to ${room}`);
  });

  test("a message published again with its id is stored once", async () => {
    const [room, service, id] = [unique("room"), unique("service"), "invoice-7"];
    const [first] = await asService([{ room, id, text: "paid" }], service);
    const again = await asService([{ room, id, text: "paid" }], service);
    expect(again).toEqual([{ ...first, duplicate: true }]);
    const marked = await answerTo({ service, entries: [{ room, id, text: "paid", retry: true }] });
    expect(marked).toEqual({ results: [{ ...first, duplicate: true }] });

    const [other] = await asService([{ room, id, text: "not paid" }], service);
    expect(other).toMatchObject({ id, error: { code: "ID_CONFLICT", retryable: false } });
    const [elsewhere] = await asService([{ room, id, text: "paid" }]);
    expect(elsewhere).not.toHaveProperty("duplicate");
  });

  test("an invalid message doesn't stop others from being published", async () => {
    const room = unique("room");
    const right = (id: string) => ({ room, id, text: id });
    const { results } = await answerTo({
      service: unique("service"),
      entries: [
        right("a"),
        { ...right("b"), text: "" },
        { ...right("c"), room: "" },
        { ...right("d"), color: "red" },
        { room, text: "no id" },
        { ...right("e"), text: "x".repeat(8_193) },
        { ...right("f"), replyTo: 1_000 },
        "no object",
        right("g"),
      ],
    });
    expect(results).toMatchObject([
      { id: "a", seq: 1 },
      { id: "b", error: { code: "BAD_REQUEST", path: "text", retryable: false } },
      { id: "c", error: { code: "BAD_REQUEST", path: "room" } },
      { id: "d", error: { code: "BAD_REQUEST", path: "color" } },
      { error: { code: "BAD_REQUEST", path: "id" } },
      { id: "e", error: { code: "TOO_LARGE", path: "text" } },
      { id: "f", error: { code: "NOT_FOUND", retryable: false } },
      { error: { code: "BAD_REQUEST" } },
      // The reply's position is void.
      { id: "g", seq: 3 },
    ]);
  });

  test.each([
    ["no object", 7, undefined],
    ["no service", { entries: [{ room: "r", id: "1", text: "t" }] }, "service"],
    ["a service without a visible name", { service: " ", entries: [{ room: "r", id: "1", text: "t" }] }, "service"],
    ["no entries", { service: "s", entries: [] }, "entries"],
    ["26 entries", { service: "s", entries: Array(26).fill({ room: "r", id: "1", text: "t" }) }, "entries"],
    ["an unknown field", { service: "s", entries: [{}], color: "red" }, "color"],
  ])("a request with %s is refused as a whole", async (_, payload, path) => {
    const { error, results } = await answerTo(payload);
    expect(results).toBeUndefined();
    expect(error).toMatchObject({ code: "BAD_REQUEST", retryable: false });
    expect(error.path).toBe(path);
  });

  test("a service that is too fast is told when to retry and loses nothing", async () => {
    const [room, service] = [unique("room"), unique("service")];
    // A refused message costs only the write for the rate, so even a slow machine exceeds the rate.
    const request = { service, entries: Array(25).fill({ room }) };
    let refused: { code: string; retryable: boolean; retryAfterMs: number } | undefined;
    for (let i = 0; i < 50 && refused === undefined; i++) {
      const answers = await Promise.all(Array.from({ length: 4 }, () => answerTo(request)));
      refused = answers.find(({ error }) => error !== undefined)?.error;
    }
    expect(refused).toMatchObject({ code: "RATE_LIMITED", retryable: true, retryAfterMs: expect.any(Number) });
    // Another service has its own rate.
    expect(await asService([{ room, text: "calm" }])).toMatchObject([{ seq: expect.any(Number) }]);
    // The helper waits and retries.
    const published = await publish({ lambda, functionArn, service, attempts: 10 }, [
      { room, id: "last", text: "last" },
    ]);
    expect(published).toMatchObject([{ id: "last", seq: expect.any(Number) }]);
  });

  test("moderators delete a service's messages", async () => {
    const room = unique("private-room");
    const ana = await target.connect("ana");
    await join(room, ana);
    const [published] = await asService([{ room, text: "oops" }]);
    await hear(ana, "oops");
    expect(published?.error).toBeUndefined();
    const seq = (published as { seq: number }).seq;
    expect(await request(ana, "deleteMessage", { room, target: seq })).toMatchObject({ type: "ack" });
  });

  test("no person can impersonate a service", async () => {
    await expect(target.connect("service:billing")).rejects.toMatchObject({ status: 401 });
  });
}
