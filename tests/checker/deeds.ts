/** The plan of a run, and the actions that clients can take in it. */
import type { Fault } from "./faults.ts";
import type { Tempo } from "./tempo.ts";

export interface Plan {
  rooms: string[];
  /** Clients that use the library. */
  members: MemberPlan[];
  /** Clients that speak the protocol themselves. */
  raws: RawPlan[];
  steps: Step[];
  /** Number of connections that are in the first room and only listen. */
  crowd: number;
  tempo: Tempo;
  shares: Map<Fault, number>;
  heartbeatMs: number;
  tokenLifeMs: number;
  /** Whether to wait the full settling time even if nothing is left to do. */
  waitsLong: boolean;
  /** Whether to let enough time pass after everything has settled for presence to be correct. */
  watchesPresence: boolean;
  /** Milliseconds from the start of the run until faults stop. */
  faultsEndAt: number;
}

export interface MemberPlan {
  client: string;
  user: string;
  rooms: string[];
  /** Whether it follows its rooms from their first entry instead of the newest page. */
  fromTheStart: boolean;
  /** Milliseconds by which its machine's clock is ahead; negative if it is behind. */
  clockAheadMs: number;
}

export interface RawPlan {
  client: string;
  user: string;
}

export interface Step {
  /** Id of the step, and of the request that it sends. */
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
  /** The page closes, and opens again after `ms`. */
  | { what: "reload"; ms: number; isCrash: boolean }
  | { what: "leave"; room: string; ms: number }
  | Cut;

export type RawDeed =
  /** Sends the same request until it is acknowledged, over one connection or over two at once. */
  | { what: "insist"; room: string; bytes: number; marks: Marks; connections: number }
  /** Sends two messages under the same id. */
  | { what: "conflict"; room: string; marks: Marks; connections: number; pauseMs: number }
  /**
   * Sends a message, then edits and deletes it at the same time. Each edit is repeated until it is answered. With
   * `insists`, the deletion is, too, and then all of these requests are sent again; without it, the deletion is sent
   * once.
   */
  | { what: "take back"; room: string; edits: number; marks: Marks; spreadMs: number; insists: boolean }
  /** Sends an acknowledged request once more, much later. */
  | { what: "send again"; room: string; afterMs: number; marks: Marks }
  | { what: "read"; room: string; limit: number }
  | { what: "come and go"; room: string; ms: number }
  /** Bans a user and invites them again after `ms`. */
  | { what: "ban"; room: string; user: string; ms: number }
  /** Connects for `ms`; requests still in progress at the end are cut off. */
  | { what: "visit"; ms: number; endsBy: "closing" | "a cut" | "a cut that nobody sees" }
  | { what: "refresh" }
  | { what: "type by hand"; text: string }
  | Cut;

export type WorldDeed =
  /** All clients sleep. */
  { what: "night"; ms: number } | { what: "sweep" };

/** The network between a client and the gateway breaks. */
export type Cut = { what: "cut"; byClientMs: number | undefined; byGatewayMs: number | undefined };

/** When a raw client marks a request as a retry: on later attempts only (`right`), never, or always. */
export type Marks = "right" | "never" | "always";
