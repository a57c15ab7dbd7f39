/**
 * The AWS APIs that functions call (DynamoDB, `@connections` and Lambda), and everything that can go wrong on the way.
 */
import type { Chance, Dice } from "./chance.ts";
import { describe } from "./describe.ts";
import type { AwsRequest } from "./environment.ts";
import type { Fault, Faults } from "./faults.ts";
import type { Functions } from "./functions.ts";
import type { Gateway } from "./gateway.ts";
import type { History } from "./history.ts";
import type { Invocation } from "./invocation.ts";
import { type Item, plain, type Store } from "./store.ts";
import type { Tempo } from "./tempo.ts";
import type { VirtualClock } from "./virtualClock.ts";

/** A call in flight. */
interface Call {
  invocation: Invocation;
  request: AwsRequest;
  /** The decoded body. */
  asked: Asked;
  /** Name that determines its dice and faults. */
  at: string;
  dice: Dice;
  /** Reason why the SDK last retried this call. */
  retries: { last: "throttling" | "other" | undefined };
}

/** The decoded body of a request, whatever its operation. */
// biome-ignore lint/suspicious/noExplicitAny: each has its own shape
type Asked = any;

interface Answer {
  status: number;
  body: string;
  headers?: Record<string, string>;
}

const THROTTLED: Answer = {
  status: 400,
  body: JSON.stringify({
    __type: "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
    message: "The level of configured provisioned throughput for the table was exceeded",
  }),
};
const SERVER_ERROR: Answer = {
  status: 500,
  body: JSON.stringify({ __type: "com.amazonaws.dynamodb.v20120810#InternalServerError", message: "try again" }),
};

/** The part of the world that the APIs use. */
interface AwsWorld {
  readonly chance: Chance;
  readonly clock: VirtualClock;
  readonly faults: Faults;
  readonly functions: Functions;
  readonly gateway: Gateway;
  readonly history: History;
  readonly store: Store;
  readonly tempo: Tempo;
}

export class Aws {
  readonly #world: AwsWorld;
  /** Last position that was written and isn't void, by room. */
  readonly lastEntries = new Map<string, number>();

  constructor(world: AwsWorld) {
    this.#world = world;
  }

  request(invocation: Invocation, request: AwsRequest): void {
    const asked = request.body === "" ? {} : JSON.parse(request.body);
    const sort = sortOf(request, asked);
    const at = `${invocation.key}/${sort}~${invocation.count(sort)}`;
    const sdkCall = request.headers["amz-sdk-invocation-id"] ?? at;
    const retries = invocation.retries.get(sdkCall) ?? { last: undefined };
    invocation.retries.set(sdkCall, retries);
    const call = { invocation, request, asked, at, dice: this.#world.chance.of("call", at), retries };
    if (request.host.startsWith("dynamodb.")) this.#dynamodb(call);
    else if (request.path.includes("/@connections/") && request.method !== "POST") this.#manage(call);
    else if (request.path.includes("/@connections/")) this.#post(call);
    else this.#invoke(call);
  }

  #dynamodb(call: Call): void {
    const { request, invocation } = call;
    const operation = operationOf(request);
    const refused = this.#fault(call, "throttled")
      ? THROTTLED
      : this.#fault(call, "server error")
        ? SERVER_ERROR
        : undefined;
    // A throttled batch isn't refused: part of it is returned unprocessed.
    const isBatch = operation.startsWith("Batch");
    if (refused !== undefined && !(isBatch && refused === THROTTLED)) {
      this.#carry(call, async () => refused);
      return;
    }
    const { body, handedBack } =
      isBatch && refused === THROTTLED
        ? handBack(call.asked, this.#world.chance.of("hand back", call.at))
        : { body: request.body, handedBack: undefined };
    this.#carry(call, async () => {
      const answer = body === undefined ? { status: 200, body: "{}" } : await this.#world.store.call(operation, body);
      if (body !== undefined)
        this.#record(invocation, operation, body === request.body ? call.asked : JSON.parse(body), answer);
      if (handedBack === undefined) return answer;
      invocation.handedBack += 1;
      if (invocation.handedBack >= 7) invocation.excuse = "DynamoDB returned its batch unprocessed again and again";
      const field = operation === "BatchGetItem" ? "UnprocessedKeys" : "UnprocessedItems";
      return { ...answer, body: JSON.stringify({ Responses: {}, ...JSON.parse(answer.body), [field]: handedBack }) };
    });
  }

  /**
   * Applies the faults that can hit any call on the way to the service or back.
   *
   * @param effect what the call does there
   */
  #carry(call: Call, effect: () => Promise<Answer>): void {
    const { clock, tempo } = this.#world;
    const { invocation, request, dice } = call;
    const slowness = dice.between(300, 8_000);
    const there = dice.magnitude(...tempo.callMs) + (this.#fault(call, "slow call") ? slowness : 0);
    const back = dice.magnitude(...tempo.callMs);
    const killedAfter = dice.between(0, 50);
    const takesEffect = dice.happens(0.5);
    const isSeen = dice.happens(0.7);
    const lateness = dice.magnitude(20, 6_000);
    if (this.#fault(call, "killed")) {
      invocation.isStopped = true;
      invocation.excuse = "killed";
      if (takesEffect) clock.after(there, effect);
      // A crash that Lambda doesn't detect ends the invocation only when its time is over.
      if (isSeen) clock.after(killedAfter, () => invocation.fail("Runtime exited"));
      return;
    }
    const breakOff = (ms: number) => {
      clock.after(ms, () => {
        this.#retried(call, false);
        request.breakOff();
      });
    };
    if (this.#fault(call, "request lost")) {
      breakOff(there + back);
      return;
    }
    if (this.#fault(call, "late effect")) {
      clock.after(there + back + lateness, effect);
      breakOff(there + back);
      return;
    }
    const isReplyLost = this.#fault(call, "reply lost");
    clock.after(there, async () => {
      const answer = await effect();
      if (isReplyLost) return breakOff(back);
      clock.after(back, () => {
        this.#know(call, answer);
        if (answer.status < 300) invocation.quota.succeed(request.host, call.retries.last);
        else if (answer === THROTTLED || answer.status === 429) this.#retried(call, true);
        else if (answer.status >= 500) this.#retried(call, false);
        request.answer(answer.status, answer.body, { "content-type": "application/x-amz-json-1.0", ...answer.headers });
      });
    });
  }

  #post(call: Call): void {
    const { gateway, history, clock } = this.#world;
    const { invocation, request, dice } = call;
    const id = decodeURIComponent(request.path.split("/@connections/")[1] ?? "");
    const connection = gateway.connectionOf(id);
    const frame = call.asked;
    const name = connection?.key ?? id;
    history.add({
      kind: "post",
      invocation: invocation.key,
      connection: name,
      frame,
      bytes: Buffer.byteLength(request.body),
    });
    const isGone = connection === undefined || !connection.isOpen || this.#fault(call, "post gone");
    const isRefused = this.#fault(call, "post refused");
    const isDropped = this.#fault(call, "post dropped");
    const isDelayed = this.#fault(call, "post delayed");
    const isDoubled = this.#fault(call, "post doubled");
    const refusal = dice.pick([429, 500]);
    const delays = [isDelayed ? dice.between(100, 8_000) : dice.magnitude(1, 20), dice.magnitude(1, 8_000)];
    this.#carry(call, async () => {
      if (isGone || connection?.isOpen === false) {
        history.add({ kind: "gone", invocation: invocation.key, connection: name });
        return { status: 410, body: "{}", headers: { "x-amzn-errortype": "GoneException" } };
      }
      if (isRefused) {
        const type = refusal === 429 ? "LimitExceededException" : "InternalServerError";
        return { status: refusal, body: "{}", headers: { "x-amzn-errortype": type } };
      }
      if (!isDropped) {
        for (const delay of isDoubled ? delays : delays.slice(0, 1))
          clock.after(delay, () => connection?.send(request.body));
      }
      return { status: 200, body: "" };
    });
  }

  /** Gets the state of a connection, or closes it. */
  #manage(call: Call): void {
    const { gateway } = this.#world;
    const { request } = call;
    const [, id = ""] = /\/@connections\/(.+)$/.exec(decodeURIComponent(request.path)) ?? [];
    const isGone = this.#fault(call, "post gone");
    this.#carry(call, async () => {
      const connection = gateway.connectionOf(id);
      if (isGone || !connection?.isOpen)
        return { status: 410, body: "{}", headers: { "x-amzn-errortype": "GoneException" } };
      if (request.method === "DELETE") connection.close(1000);
      return request.method === "DELETE" ? { status: 204, body: "" } : { status: 200, body: "{}" };
    });
  }

  /** Invokes a function asynchronously: Lambda accepts the event and runs it later. */
  #invoke(call: Call): void {
    const { functions, clock, history } = this.#world;
    const { invocation, request, dice, at } = call;
    history.add({ kind: "handed over", invocation: invocation.key });
    const [, target = ""] = /\/functions\/([^/]+)\/invocations/.exec(decodeURIComponent(request.path)) ?? [];
    const isLost = this.#fault(call, "invocation lost");
    const isDoubled = this.#fault(call, "invocation doubled");
    const delay = this.#fault(call, "invocation delayed") ? dice.between(1_000, 60_000) : dice.magnitude(5, 200);
    const second = dice.magnitude(5, 5_000);
    this.#carry(call, async () => {
      const event = call.asked;
      const run = async (name: string, retries: number): Promise<void> => {
        const invoked = await functions.invoke(functionOf(target), event, name);
        if ("error" in invoked && retries < 2)
          clock.after((retries + 1) * 60_000, () => void run(`${name}'`, retries + 1));
      };
      if (!isLost) clock.after(delay, () => void run(`${at}=`, 0));
      if (isDoubled) clock.after(delay + second, () => void run(`${at}==`, 0));
      return { status: 202, body: "" };
    });
  }

  #fault(call: Call, fault: Fault): boolean {
    return this.#world.faults.happens(fault, call.at, call.dice);
  }

  /**
   * Counts a retry, which the SDK makes if the attempts and the quota allow it. Otherwise the call has failed for good,
   * so its invocation may fail, too.
   */
  #retried({ invocation, request, retries }: Call, isThrottling: boolean): void {
    const [, attempt, most] = /attempt=(\d+)(?:; max=(\d+))?/.exec(request.headers["amz-sdk-request"] ?? "") ?? [];
    if (Number(attempt) >= Number(most ?? 3)) invocation.excuse ??= "a call failed on each of its attempts";
    else if (!invocation.quota.spend(request.host, isThrottling)) invocation.excuse ??= "no retries were left";
    retries.last = isThrottling ? "throttling" : "other";
  }

  /** Records what an invocation learns from an answer. */
  #know({ invocation, request, asked }: Call, answer: Answer): void {
    if (answer.status !== 200 || !request.headers["x-amz-target"]?.endsWith(".UpdateItem")) return;
    const room = /^META#(.*)$/.exec(asked.Key.pk.S)?.[1];
    const seq = positionIn(asked, JSON.parse(answer.body));
    if (room !== undefined && seq !== undefined) {
      this.#world.history.add({
        kind: "learned",
        invocation: invocation.key,
        room: decodeURIComponent(room),
        seq,
      });
    }
  }

  /** Records in the history what a call did to the tables. */
  #record(invocation: Invocation, operation: string, request: Asked, { status, body: answered }: Answer): void {
    const { history, gateway, functions } = this.#world;
    const answer = answered === "" ? {} : JSON.parse(answered);
    const by = invocation.key;
    const failure = status === 200 ? undefined : String(answer.__type).split("#")[1];
    const { call, effect } = describe(operation, request, answer, failure);
    history.add({ kind: "call", invocation: by, call, effect });
    const [kind, room = ""] = pkOf(request).split("#").map(decodeURIComponent) as [string, string?];
    const position = operation === "UpdateItem" && failure === undefined ? positionIn(request, answer) : undefined;
    if (kind === "META" && position !== undefined) {
      history.add({ kind: "handed out", invocation: by, room, seq: position });
    } else if (
      operation === "PutItem" &&
      kind === "ROOM" &&
      request.Item.sk.N !== undefined &&
      (failure === undefined || failure === "ConditionalCheckFailedException")
    ) {
      const { pk: _, sk, ...entry } = plain(request.Item);
      const { kind: entryKind, id } = entry;
      const seq = sk as number;
      history.add({ kind: "stored", invocation: by, room, seq, was: failure === undefined ? "new" : "there", entry });
      if (entryKind !== "void" && failure === undefined)
        this.lastEntries.set(room, Math.max(seq, this.lastEntries.get(room) ?? 0));
      if (failure !== undefined && entryKind !== "void" && plain(answer.Item).id !== id) invocation.lostPositions += 1;
    } else if (WRITES.has(operation) && failure === undefined) {
      for (const { PutRequest, DeleteRequest } of writesOf(operation, request)) {
        const { pk, sk, tokenExpiresAt, present = false } = plain(PutRequest?.Item ?? DeleteRequest?.Key ?? {});
        // A room also has rows of other kinds, such as departures that are held back.
        if (!String(pk).startsWith("ROOM#") || !String(sk).startsWith("CONN#")) continue;
        const connection = gateway.connectionOf(String(sk).slice("CONN#".length))?.key ?? String(sk);
        // An expiry of 0 marks a connection that was barred from the room or left it.
        const is = PutRequest !== undefined && tokenExpiresAt !== 0;
        const room = String(pk).slice("ROOM#".length);
        history.add({ kind: "member", invocation: by, room, connection, is, present: is && present === true });
      }
    } else if (operation === "UpdateItem" && kind === "ROOM" && failure === undefined) {
      const connection = gateway.connectionOf(String(plain(request.Key).sk).slice("CONN#".length))?.key;
      const isPresence = Object.values(request.ExpressionAttributeNames ?? {}).includes("present");
      if (isPresence && connection !== undefined) history.add({ kind: "appeared", invocation: by, room, connection });
    } else if (
      operation === "Query" &&
      typeof request.Limit === "number" &&
      kind === "ROOM" &&
      request.TableName === functions.variable("hello", "CONNECTIONS_TABLE")
    ) {
      // Only a fan-out's query has a filter, which skips members that must not be posted to; presence reads all rows.
      const read = request.FilterExpression === undefined ? "people read" : "members read";
      history.add({ kind: read, invocation: by, room });
    }
  }
}

interface Write {
  PutRequest?: { Item: Item };
  DeleteRequest?: { Key: Item };
}

/** Operations that may add a connection to a room or remove it. */
const WRITES = new Set(["PutItem", "DeleteItem", "BatchWriteItem"]);

function writesOf(operation: string, request: Asked): Write[] {
  if (operation === "PutItem") return [{ PutRequest: { Item: request.Item } }];
  if (operation === "DeleteItem") return [{ DeleteRequest: { Key: request.Key } }];
  return Object.values(request.RequestItems as Record<string, Write[]>).flat();
}

function operationOf({ headers }: AwsRequest): string {
  return headers["x-amz-target"]?.split(".")[1] ?? "";
}

/** The kind of a call, without numbers, so that removing a send from the plan doesn't change it. */
function sortOf(request: AwsRequest, asked: Asked): string {
  if (request.path.includes("/@connections/")) return request.method === "POST" ? "post" : request.method;
  const operation = operationOf(request);
  if (operation === "") return "invoke";
  const prefix = /^[A-Z]+/.exec(pkOf(asked))?.[0];
  return prefix === undefined ? operation : `${operation} ${prefix}`;
}

function pkOf(request: Asked): string {
  return request.Key?.pk?.S ?? request.Item?.pk?.S ?? request.ExpressionAttributeValues?.[":pk"]?.S ?? "";
}

/** The position that an update claimed; undefined if it claimed none. The answer contains the row before the update. */
function positionIn({ UpdateExpression = "" }: Asked, answer: Asked): number | undefined {
  if (!UpdateExpression.includes("ADD head")) return undefined;
  return Number(answer.Attributes?.head?.N ?? 0) + 1;
}

/** Shortens `chat-dev-fanOut` to `fanOut`. */
function functionOf(deployed: string): string {
  return deployed.split("-").at(-1) ?? "";
}

/** Splits a batch into the part that is processed and the part that DynamoDB returns. */
function handBack(request: Asked, dice: Dice): { body: string | undefined; handedBack: object } {
  const [table, requests] = Object.entries(request.RequestItems)[0] as [string, { Keys: unknown[] } | unknown[]];
  const items = Array.isArray(requests) ? requests : requests.Keys;
  const isDone = items.map(() => dice.happens(0.5));
  const done = items.filter((_, i) => isDone[i]);
  const left = items.filter((_, i) => !isDone[i]);
  const wrap = (some: unknown[]) => ({ [table]: Array.isArray(requests) ? some : { ...requests, Keys: some } });
  return {
    body: done.length === 0 ? undefined : JSON.stringify({ ...request, RequestItems: wrap(done) }),
    handedBack: left.length === 0 ? {} : wrap(left),
  };
}
