/**
 * What a laptop can't measure: how long AWS takes, what it allows, and what it charges. Everything else that a simulation
 * prints comes from the shipped code.
 */

/** Means, in milliseconds; a drawn latency is at least 0.6 of its mean and has an exponential tail. */
export interface Latencies {
  /** A call of DynamoDB, there and back. AWS speaks of single-digit milliseconds. */
  tableMs: number;
  /** A call of `@connections`, there and back. */
  postMs: number;
  /** From a frame's arrival at API Gateway to its function's start, in an environment that is there. */
  startMs: number;
  /** Start of a new environment, before its first event. */
  coldMs: number;
  /** From an asynchronous invocation's acceptance to its function's start. */
  asyncMs: number;
  /**
   * A function's CPU for one post, in the share of a processor that 512 MB get (0.29 of one): docs/performance.md has
   * what a post takes of a whole one.
   */
  postCpuMs: number;
  /** A function's CPU for any other call, likewise. */
  callCpuMs: number;
}

export const LATENCIES: Latencies = {
  tableMs: 6,
  postMs: 12,
  startMs: 10,
  coldMs: 400,
  asyncMs: 40,
  postCpuMs: 0.7,
  callCpuMs: 3,
};

/** Defaults of an account in a large Region, by AWS's pages on quotas. */
export const QUOTAS = {
  /** Requests a second of the account and Region: frames, handshakes and calls of `@connections`. */
  requests: 10_000,
  /** Requests beyond that at once. */
  requestBurst: 5_000,
  newConnections: 500,
  concurrency: 1_000,
  /** Units a second of a table, on demand. */
  tableWrites: 40_000,
  tableReads: 40_000,
  /** Units a second of a partition, which no setting raises. */
  partitionWrites: 1_000,
  partitionReads: 3_000,
};

/** US dollars, on demand, in us-east-1, without the free tier, as AWS listed them in August 2026. */
export const PRICES = {
  /** Each frame in or out, up to 32 KB. */
  message: 1 / 1e6,
  connectionMinute: 0.25 / 1e6,
  invocation: 0.2 / 1e6,
  /** Prices of Lambda on arm64. */
  gigabyteSecond: 0.0000133334,
  writeUnit: 0.625 / 1e6,
  readUnit: 0.125 / 1e6,
  logGigabyte: 0.5,
};

/** Lines of one invocation: START, END, REPORT and its own. */
export const LOG_BYTES = 1_000;

/** `chat:memory`. */
export const MEMORY_GB = 0.5;

/** Defaults of the stack's settings that decide here. */
export const SETTINGS = { throttleRate: 500, handshakeRate: 50, userRate: 2, userBurst: 10, roomRate: 100 };
