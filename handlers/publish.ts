import * as v from "valibot";
import { fanOut } from "../chat/fanOut/fanOut";
import { roundCountsOf } from "../chat/fanOut/rounds";
import { serviceUser } from "../chat/identity/service";
import { SharedRate } from "../chat/limits/sharedRate";
import { append } from "../chat/log/append";
import { Retention } from "../chat/log/retention";
import { Refusal, rateLimited } from "../chat/refusal";
import type { User } from "../protocol/entries";
import {
  type PublishAnswer,
  type PublishError,
  PublishRequest,
  type PublishResult,
  ServiceMessage,
} from "../protocol/publish";
import { environment } from "./environment";
import { echoOf } from "./frame";
import { log, traceOf } from "./log";
import { redactErrors } from "./redactErrors";
import { expectation, problemOf } from "./validation";

export type Uses = {
  CONNECTIONS_TABLE: "Query" | "BatchWriteItem" | "UpdateItem";
  MESSAGES_TABLE: "GetItem" | "Query" | "UpdateItem" | "PutItem";
  CONNECTIONS_URL: "POST";
  FAN_OUT: "InvokeFunction";
  RETENTION_DAYS: "setting";
  PUBLISH_RATE: "setting";
};

const env = environment<Uses>();
const { CONNECTIONS_TABLE: connections, MESSAGES_TABLE: messages, CONNECTIONS_URL: posts } = env;
const retention = new Retention(Number(env.RETENTION_DAYS));
const deps = { connections, messages, posts, retention, fanOut: env.FAN_OUT };
const rate = new SharedRate(connections, "publish", JSON.parse(env.PUBLISH_RATE));

type Counts = ReturnType<typeof roundCountsOf>;
type Valid = v.InferOutput<typeof ServiceMessage> & { index: number };

/**
 * Publishes a service's messages. Backends invoke it directly; IAM must allow them to. Messages for one room are
 * appended in order. It answers once they have also been pushed.
 */
export const publish = redactErrors("publish", async (event: unknown): Promise<PublishAnswer> => {
  const started = performance.now();
  const finish = (did: string, answer: PublishAnswer, counts: object = {}): PublishAnswer => {
    log({ route: "publish", did, ms: Math.round(performance.now() - started), ...counts });
    return answer;
  };
  const request = v.safeParse(PublishRequest, event, { abortEarly: true, message: expectation });
  if (!request.success) {
    const error = { ...problemOf(request.issues[0]), retryable: false };
    return finish(error.code, { error });
  }
  const { service, entries } = request.output;
  const waitMs = await rate.take(service, entries.length);
  if (waitMs > 0)
    return finish("RATE_LIMITED", { error: errorOf(rateLimited("the service is publishing too fast", waitMs)) });

  const { results, rooms } = validated(entries);
  const outcome: Outcome = { results, pushes: [], failures: [] };
  const user = serviceUser(service);
  await Promise.all([...rooms.values()].map((ofRoom) => appendInOrder(user, ofRoom, outcome)));
  const counts = totalOf((await Promise.all(outcome.pushes)).flatMap((pushed) => pushed ?? []));
  const [failure] = outcome.failures;
  return finish("published", { results }, { ...counts, ...(failure !== undefined && { error: traceOf(failure) }) });
});

interface Outcome {
  results: PublishResult[];
  /** Pushes in progress; none of these rejects. */
  pushes: Promise<Counts | undefined>[];
  /** Errors that are the server's fault. */
  failures: unknown[];
}

/** Validates each entry separately. @returns the results of refused entries, and the other entries by room */
function validated(entries: unknown[]): { results: PublishResult[]; rooms: Map<string, Valid[]> } {
  const results: PublishResult[] = [];
  const rooms = new Map<string, Valid[]>();
  for (const [index, entry] of entries.entries()) {
    const parsed = v.safeParse(ServiceMessage, entry, { abortEarly: true, message: expectation });
    if (!parsed.success) {
      const { id } = echoOf(entry);
      const error = { ...problemOf(parsed.issues[0]), retryable: false };
      results[index] = { ...(id === undefined ? {} : { id }), error };
      continue;
    }
    const { room } = parsed.output;
    rooms.set(room, [...(rooms.get(room) ?? []), { ...parsed.output, index }]);
  }
  return { results, rooms };
}

/**
 * Appends messages to one room, one after another. After a temporary failure, later messages aren't tried and fail with
 * the same error, so a retry of all failed messages keeps their order.
 */
async function appendInOrder(user: User, ofRoom: Valid[], { results, pushes, failures }: Outcome): Promise<void> {
  const fail = (error: unknown) => void failures.push(error);
  for (const [i, { index, room, id, text, replyTo, retry }] of ofRoom.entries()) {
    const content = { kind: "message", text, ...(replyTo === undefined ? {} : { replyTo }) } as const;
    try {
      const { entry, duplicate, isNew, turn } = await append(messages, { room, user, id, content, retry }, retention);
      const { seq, sentAt } = entry;
      results[index] = { id, seq, sentAt, ...(duplicate ? { duplicate } : {}) };
      // The push isn't awaited yet: entries appended in the meantime are posted together, as in any busy room.
      if (isNew) pushes.push(fanOut(deps, room, entry, turn).then(roundCountsOf).catch(fail));
    } catch (thrown) {
      const error = errorOf(thrown);
      results[index] = { id, error };
      if (!error.retryable) continue;
      fail(thrown);
      for (const left of ofRoom.slice(i + 1)) results[left.index] = { id: left.id, error };
      return;
    }
  }
}

function errorOf(thrown: unknown): PublishError {
  if (!(thrown instanceof Refusal)) {
    return { code: "INTERNAL", message: "something went wrong on the server; try again", retryable: true };
  }
  const { code, message, retryAfterMs } = thrown;
  return { code, message, ...(retryAfterMs === undefined ? { retryable: false } : { retryable: true, retryAfterMs }) };
}

function totalOf(pushes: Counts[]): Partial<Counts> {
  const total: Record<string, number> = {};
  for (const counts of pushes) {
    for (const [name, count] of Object.entries(counts)) {
      total[name] = name === "lateMs" ? Math.max(total[name] ?? 0, count) : (total[name] ?? 0) + count;
    }
  }
  return total;
}
