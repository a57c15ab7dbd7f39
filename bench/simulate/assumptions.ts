/**
 * Assumptions about what a laptop can't measure: AWS's latencies, quotas and prices. Everything else that a simulation
 * prints comes from the shipped code.
 */

/** Mean latencies, in milliseconds. A drawn latency is at least 0.6 times its mean and has an exponential tail. */
export interface Latencies {
  /** A DynamoDB call, round trip. AWS states single-digit milliseconds. */
  tableMs: number;
  /** A call to `@connections`, round trip. */
  postMs: number;
  /** From a frame's arrival at API Gateway to the start of its function, in an existing environment. */
  startMs: number;
  /** Start of a new environment, before its first event. */
  coldMs: number;
  /** Time from the acceptance of an asynchronous invocation to the start of its function. */
  asyncMs: number;
  /** CPU time of one post with 0.29 of a processor, the share of a function with 512 MB. */
  postCpuMs: number;
  /** CPU time of any other call, with the same share. */
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

/** Default quotas of an account in a large Region, from AWS's documentation. */
export const QUOTAS = {
  /** Requests per second in the account and Region: frames, handshakes and calls to `@connections`. */
  requests: 10_000,
  /** Additional requests allowed in a burst. */
  requestBurst: 5_000,
  newConnections: 500,
  concurrency: 1_000,
  /** Units per second of an on-demand table. */
  tableWrites: 40_000,
  tableReads: 40_000,
  /** Units per second of a partition; no setting can raise this. */
  partitionWrites: 1_000,
  partitionReads: 3_000,
};

/** On-demand prices in US dollars in us-east-1, without the free tier, as AWS listed them in August 2026. */
export const PRICES = {
  /** Price of each frame in or out, up to 32 KB. */
  message: 1 / 1e6,
  connectionMinute: 0.25 / 1e6,
  invocation: 0.2 / 1e6,
  /** Lambda prices on arm64. */
  gigabyteSecond: 0.0000133334,
  writeUnit: 0.625 / 1e6,
  readUnit: 0.125 / 1e6,
  logGigabyte: 0.5,
};

/** Log lines of one invocation: START, END, REPORT and its own. */
export const LOG_BYTES = 1_000;

/** Value of `chat:memory`. */
export const MEMORY_GB = 0.5;

/** Defaults of the stack's settings that affect the result. */
export const SETTINGS = { throttleRate: 500, handshakeRate: 50, userRate: 2, userBurst: 10, roomRate: 100 };
