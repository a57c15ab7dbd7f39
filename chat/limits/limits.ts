/** All limits, as set in a stack's configuration. A function receives them as JSON in its environment. */
export interface Limits {
  /** Appends by one person, in all rooms. */
  appends: Rate;
  /** Points for one person's other frames; see `FrameBudget`. */
  frames: Rate;
  /** Connections that one person opens. */
  connects: Rate;
  /** Appends to one room. */
  room: Rate;
  /**
   * Number of strikes that close a connection: invalid frames, and frames sent too early after a refusal. Each
   * environment counts separately.
   */
  strikes: number;
  /** Concurrent connections of one person. */
  connectionsPerPerson: number;
  /** Rooms that one connection may be in at the same time. */
  roomsPerConnection: number;
}

export interface Rate {
  perSecond: number;
  /** Number of actions allowed at once after a quiet period: 1 or more. */
  burst: number;
}
