/** What a backend hands to the function `publish`, and what it gets back. */
import * as v from "valibot";
import type { ErrorFrame } from "./errors";
import { exact, Position, RequestId, RoomName, Text } from "./requests";

/** Messages of one request at most. */
export const MAX_PUBLISHED = 25;

/** A message of a service. `id` makes it idempotent: the same one never stands twice in the room. */
export const ServiceMessage = exact({
  room: RoomName,
  id: RequestId,
  text: Text,
  replyTo: v.optional(Position),
  retry: v.optional(v.boolean(), false),
});

/** A request. Each entry is validated by itself, so that one that is wrong keeps no other from being published. */
export const PublishRequest = exact({
  /** Shown as the author's name; it follows the rules of rooms' names. */
  service: RoomName,
  entries: v.pipe(
    v.array(v.unknown()),
    v.minLength(1, "is empty"),
    v.maxLength(MAX_PUBLISHED, `has more than ${MAX_PUBLISHED} entries`),
  ),
});

export type ServiceMessage = v.InferInput<typeof ServiceMessage>;
export type PublishRequest = Omit<v.InferInput<typeof PublishRequest>, "entries"> & { entries: ServiceMessage[] };

/** Why a request or an entry was not published. */
export type PublishError = Pick<ErrorFrame, "code" | "message" | "retryable" | "path" | "retryAfterMs">;

/** What became of one entry. */
export type PublishResult =
  /** It is durable, at this position of its room. */
  { id: string; seq: number; sentAt: number; duplicate?: true } | { id?: string; error: PublishError };

/** One result for each entry, in their order; or why nothing of the request was done. */
export type PublishAnswer = { results: PublishResult[] } | { error: PublishError };
