/** Storage for unacknowledged appends. */

/** An append as it is sent, without `id` and `room`. */
export type Append =
  | { action: "sendMessage"; text: string; replyTo?: number }
  | { action: "editMessage"; target: number; text: string }
  | { action: "deleteMessage"; target: number }
  | { action: "react"; target: number; emoji: string; on: boolean };

export interface StoredAppend {
  id: string;
  room: string;
  append: Append;
  /** Position among all appends, in the order of the `send()` calls. */
  order: number;
  /** Time of the first attempt, in milliseconds since 1970; undefined while the append certainly isn't in the log. */
  firstSentAt?: number;
  /** Code of the error that the append failed with. Only the person can send a failed append again. */
  failedWith?: string;
}

/** A store for one user's appends: a client sends everything that its store holds. */
export interface AppendStore {
  load(): Promise<StoredAppend[]>;
  /** Adds an append, or replaces the one with the same id. */
  put(append: StoredAppend): Promise<void>;
  remove(id: string): Promise<void>;
}
