/** Where appends are kept that nobody has acknowledged yet. */

/** What is appended to a room's log, as it is sent, without id and room. */
export type Append =
  | { action: "sendMessage"; text: string; replyTo?: number }
  | { action: "editMessage"; target: number; text: string }
  | { action: "deleteMessage"; target: number }
  | { action: "react"; target: number; emoji: string; on: boolean };

export interface StoredAppend {
  id: string;
  room: string;
  append: Append;
  /** Place among the others, which is that of their `send()`. */
  order: number;
  /** When it was first sent, in milliseconds since 1970; never yet without it. */
  firstSentAt?: number;
  /** Code of the error that it was given up with: only the person may send it again. */
  failedWith?: string;
}

/** One user's: whoever signs in with it sends what it holds. */
export interface AppendStore {
  load(): Promise<StoredAppend[]>;
  /** Puts one in, or in the place of the one with its id. */
  put(append: StoredAppend): Promise<void>;
  remove(id: string): Promise<void>;
}
