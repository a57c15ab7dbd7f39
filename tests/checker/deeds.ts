/** The plan of a run, and what clients may do in it. */
import type { Fault } from "./faults.ts";
import type { Tempo } from "./tempo.ts";

export interface Plan {
  rooms: string[];
  /** Clients that use the library. */
  members: MemberPlan[];
  /** Clients that speak the protocol themselves. */
  raws: RawPlan[];
  steps: Step[];
  /** Connections that are in the first room and only listen. */
  crowd: number;
  tempo: Tempo;
  shares: Map<Fault, number>;
  heartbeatMs: number;
  tokenLifeMs: number;
  /** Waits the full settling time, even when nothing is left to do. */
  waitsLong: boolean;
  /** After all is settled so much time passes that presence has to be right. */
  watchesPresence: boolean;
  /** When the last step is done and nothing goes wrong any more. */
  faultsEndAt: number;
}

export interface MemberPlan {
  client: string;
  user: string;
  rooms: string[];
  /** Follows its rooms from their first entry on, else from the newest page. */
  fromTheStart: boolean;
  /** How far its machine's clock is ahead, in milliseconds; behind below 0. */
  clockAheadMs: number;
}

export interface RawPlan {
  client: string;
  user: string;
}

export interface Step {
  /** Also the request id of what is sent by it. */
  name: string;
  at: number;
  who: string;
  deed: MemberDeed | RawDeed | WorldDeed;
}

export type MemberDeed =
  | { what: "send"; room: string; bytes: number }
  | { what: "edit" | "delete" | "react"; room: string }
  | { what: "history"; room: string; limit: number }
  | { what: "typing" | "markRead" | "members"; room: string }
  | { what: "sleep" | "offline"; ms: number }
  /** The page is gone, and comes again after that time. */
  | { what: "reload"; ms: number; isCrash: boolean }
  | { what: "leave"; room: string; ms: number }
  | Cut;

export type RawDeed =
  /** Sends the same again until it is acknowledged, over one connection or over two at once. */
  | { what: "insist"; room: string; bytes: number; marks: Marks; connections: number }
  /** Sends two messages under the same id. */
  | { what: "conflict"; room: string; marks: Marks; connections: number; pauseMs: number }
  /**
   * Sends a message, and edits it while it deletes it. It asks once for the deletion, or insists on it and sends all of
   * that again.
   */
  | { what: "take back"; room: string; edits: number; marks: Marks; spreadMs: number; insists: boolean }
  /** Sends what was acknowledged once more, much later. */
  | { what: "send again"; room: string; afterMs: number; marks: Marks }
  | { what: "read"; room: string; limit: number }
  | { what: "come and go"; room: string; ms: number }
  /** Bans somebody, and invites them again after that time. */
  | { what: "ban"; room: string; user: string; ms: number }
  /** Is there for that time; whatever is under way then is cut off. */
  | { what: "visit"; ms: number; endsBy: "closing" | "a cut" | "a cut that nobody sees" }
  | { what: "refresh" }
  | { what: "type by hand"; text: string }
  | Cut;

export type WorldDeed =
  /** Everybody sleeps. */
  { what: "night"; ms: number } | { what: "sweep" };

/** The network between a client and the gateway breaks. */
export type Cut = { what: "cut"; byClientMs: number | undefined; byGatewayMs: number | undefined };

/** How retries are marked. */
export type Marks = "right" | "never" | "always";
