/** Counts what AWS bills for and limits, while functions run in a simulated cloud. */

import type { Units } from "../capacity.ts";

/** Usage of one function. */
export interface FunctionUsage {
  invocations: number;
  /** Duration of the function's invocations, and of the starts of its environments. */
  billedMs: number;
  posts: number;
}

export interface Usage {
  /** Frames received from clients. */
  frames: number;
  handshakes: number;
  /** Calls to `@connections`, successful or not. */
  posts: number;
  /** Billed messages to clients: posts that arrived, and route responses. */
  delivered: number;
  /** Posts and frames that exceed the account's rate. */
  throttledRequests: number;
  /** Calls that exceed a partition's capacity. */
  throttledCalls: number;
  coldStarts: number;
  functions: Map<string, FunctionUsage>;
  tables: Map<string, Units>;
  partitions: Map<string, Units>;
}

export function noUsage(): Usage {
  const counts = { frames: 0, handshakes: 0, posts: 0, delivered: 0, throttledRequests: 0, throttledCalls: 0 };
  return { ...counts, coldStarts: 0, functions: new Map(), tables: new Map(), partitions: new Map() };
}

export function unitsIn(map: Map<string, Units>, key: string): Units {
  return entryOf(map, key, () => ({ read: 0, write: 0 }));
}

export function functionIn({ functions }: Usage, name: string): FunctionUsage {
  return entryOf(functions, name, () => ({ invocations: 0, billedMs: 0, posts: 0 }));
}

function entryOf<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  const entry = map.get(key) ?? make();
  map.set(key, entry);
  return entry;
}

/** Sum over all functions. */
export function totalOf({ functions }: Usage, what: keyof FunctionUsage): number {
  return [...functions.values()].reduce((sum, usage) => sum + usage[what], 0);
}

/** Sum over all tables. */
export function unitsOf({ tables }: Usage): Units {
  return [...tables.values()].reduce((a, b) => ({ read: a.read + b.read, write: a.write + b.write }), {
    read: 0,
    write: 0,
  });
}

/** Adds a usage to another one, `times` times. */
export function addUsage(to: Usage, usage: Usage, times: number): void {
  for (const what of [
    "frames",
    "handshakes",
    "posts",
    "delivered",
    "throttledRequests",
    "throttledCalls",
    "coldStarts",
  ] as const) {
    to[what] += usage[what] * times;
  }
  for (const [name, { invocations, billedMs, posts }] of usage.functions) {
    const sum = functionIn(to, name);
    sum.invocations += invocations * times;
    sum.billedMs += billedMs * times;
    sum.posts += posts * times;
  }
  for (const kind of ["tables", "partitions"] as const) {
    for (const [key, { read, write }] of usage[kind]) {
      const sum = unitsIn(to[kind], key);
      sum.read += read * times;
      sum.write += write * times;
    }
  }
}
