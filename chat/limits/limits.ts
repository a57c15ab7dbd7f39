/** All that is limited, as a stack's configuration sets it; a function gets it as JSON in its environment. */
export interface Limits {
  /** What one person appends, in all rooms. */
  appends: Rate;
  /** Points that one person's other frames cost; see `FrameBudget`. */
  frames: Rate;
  /** Connections that one person opens. */
  connects: Rate;
  /** What is appended to one room. */
  room: Rate;
  /** Frames that are refused for their sender's fault, until the connection is closed; each environment counts for itself. */
  strikes: number;
  /** Connections that one person has at once. */
  connectionsPerPerson: number;
  /** Rooms that one connection is in at once. */
  roomsPerConnection: number;
}

export interface Rate {
  perSecond: number;
  /** What may be done at once after a quiet while: 1 or more. */
  burst: number;
}
