/** A backend's requests to the `publish` function, and the results. */
import * as v from "valibot";
import type { ErrorFrame } from "./errors";
import { exact, Position, RequestId, RoomName, Text } from "./requests";

/** Maximum number of messages per request. */
export const MAX_PUBLISHED = 25;

/** A service's message. Its `id` makes publishing idempotent: a room never contains the same message twice. */
export const ServiceMessage = exact({
  room: RoomName,
  id: RequestId,
  text: Text,
  replyTo: v.optional(Position),
  retry: v.optional(v.boolean(), false),
});

/** A request to `publish`. Its entries are validated separately, so an invalid one doesn't stop the others. */
export const PublishRequest = exact({
  /** Shown as the author's name. The rules for room names apply to it. */
  service: RoomName,
  entries: v.pipe(
    v.array(v.unknown()),
    v.minLength(1, "is empty"),
    v.maxLength(MAX_PUBLISHED, `has more than ${MAX_PUBLISHED} entries`),
  ),
});

export type ServiceMessage = v.InferInput<typeof ServiceMessage>;
export type PublishRequest = Omit<v.InferInput<typeof PublishRequest>, "entries"> & { entries: ServiceMessage[] };

/** Why a request or an entry wasn't published. */
export type PublishError = Pick<ErrorFrame, "code" | "message" | "retryable" | "path" | "retryAfterMs">;

/** The result for one entry. */
export type PublishResult =
  /** The message is stored durably at this position in its room. */
  { id: string; seq: number; sentAt: number; duplicate?: true } | { id?: string; error: PublishError };

/** One result per entry, in the order of the entries, or the reason why the whole request was refused. */
export type PublishAnswer = { results: PublishResult[] } | { error: PublishError };
