/**
 * Execution environments: the shipped bundle, byte for byte, in a world where time, chance and the network are the
 * simulation's.
 *
 * Each environment evaluates the bundle in a function whose parameters hide this process's globals. All environments of
 * a function thus share one compiled script, and each starts in 3 ms; a `vm` context for each would take ten times as
 * long, and its `Uint8Array` wouldn't be the one that `Buffer` extends.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { webcrypto } from "node:crypto";
import { EventEmitter } from "node:events";
import { createRequire } from "node:module";
import { Script } from "node:vm";
import type { Invocation } from "./invocation.ts";
import { RetryQuota } from "./retryQuota.ts";

const nodeRequire = createRequire(import.meta.url);

/** The deployed artifact of a function. */
export interface FunctionCode {
  name: string;
  text: string;
  variables: Record<string, string>;
  timeoutMs: number;
}

/** An AWS API call as it leaves the SDK. */
export interface AwsRequest {
  host: string;
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string;
  answer(status: number, body: string, headers?: Record<string, string>): void;
  /** Breaks the connection before an answer arrives. */
  breakOff(): void;
}

/** The parts of the world that an environment sees. */
export interface Outside {
  now(): number;
  after(ms: number, run: () => void): () => void;
  /** At least 0, less than 1. Each invocation has its own dice. */
  random(invocation: Invocation): number;
  request(invocation: Invocation, request: AwsRequest): void;
  /** A plain fetch, for example of an issuer's keys. */
  fetch(url: string): Promise<unknown>;
  /** Makes virtual time wait for work on other threads, such as WebCrypto's. */
  busy<T>(work: Promise<T>): Promise<T>;
}

type Handler = (event: unknown) => Promise<unknown>;

/** A function's code, compiled once per thread. */
export class CompiledFunction {
  readonly code: FunctionCode;
  readonly #script: Script;

  constructor(code: FunctionCode) {
    this.code = code;
    const wrapped = `(function(${Object.keys(globalsOf(undefined as never)).join(",")}){${code.text}\n})`;
    this.#script = new Script(wrapped, { filename: `${code.name}.js` });
  }

  evaluate(environment: Environment): Handler {
    const globals = globalsOf(environment);
    this.#script.runInThisContext()(...Object.values(globals));
    return (globals.module.exports as { handler: Handler }).handler;
  }
}

/**
 * One evaluation of a function's bundle. When it enters a world, its memory is reset to the state after startup.
 * Unlike a real environment, it may run several events at once: V8 optimizes the code of each evaluation separately,
 * so a run with one evaluation per concurrent event would take twice as long. The asynchronous context identifies the
 * invocation.
 */
export class Environment {
  readonly compiled: CompiledFunction;
  readonly quota = new RetryQuota();
  #outside: Outside;
  readonly #handler: Handler;
  readonly #current = new AsyncLocalStorage<Invocation>();
  readonly #timers = new Map<number, () => void>();
  #lastTimer = 0;
  /** The modules' maps and their contents after startup. Modules remember events nowhere else. */
  readonly #maps: { map: Map<unknown, unknown>; entries: [unknown, unknown][] }[];
  #newMaps: Map<unknown, unknown>[] | undefined = [];
  /** Timers that became due while the environment was frozen between two events; they run with the next event. */
  readonly #overdue: (() => void)[] = [];

  constructor(compiled: CompiledFunction, outside: Outside) {
    this.compiled = compiled;
    this.#outside = outside;
    this.#handler = compiled.evaluate(this);
    this.#maps = (this.#newMaps ?? []).map((map) => ({ map, entries: [...map] }));
    this.#newMaps = undefined;
  }

  /** Records a map that the code in the environment has created. */
  keep(map: Map<unknown, unknown>): void {
    this.#newMaps?.push(map);
  }

  async invoke(event: unknown, invocation: Invocation): Promise<unknown> {
    for (const run of this.#overdue.splice(0)) run();
    // The event and the result are passed as text, as in Lambda, so that no objects are shared.
    const result = await this.#current.run(invocation, this.#handler, JSON.parse(JSON.stringify(event)));
    return JSON.parse(JSON.stringify(result ?? null));
  }

  /** Moves to another world: cancels all timers and resets the memory. */
  enter(outside: Outside): void {
    for (const takeBack of this.#timers.values()) takeBack();
    this.#timers.clear();
    this.#overdue.length = 0;
    for (const { map, entries } of this.#maps) {
      map.clear();
      for (const [key, value] of entries) map.set(key, value);
    }
    this.#outside = outside;
    this.quota.begin();
  }

  get outside(): Outside {
    return this.#outside;
  }

  /** At least 0, less than 1. */
  random(): number {
    const invocation = this.#current.getStore();
    return invocation === undefined ? 0.5 : this.#outside.random(invocation);
  }

  request(request: AwsRequest): void {
    const invocation = this.#current.getStore();
    if (invocation !== undefined) this.#outside.request(invocation, request);
  }

  setTimer(run: () => void, ms = 0): number {
    const id = ++this.#lastTimer;
    const invocation = this.#current.getStore();
    const runInContext = () => (invocation === undefined ? run() : this.#current.run(invocation, run));
    const due = () => {
      this.#timers.delete(id);
      if (invocation?.isOver) this.#overdue.push(runInContext);
      else runInContext();
    };
    this.#timers.set(id, this.#outside.after(ms, due));
    return id;
  }

  clearTimer(id: number): void {
    this.#timers.get(id)?.();
    this.#timers.delete(id);
  }
}

/** Replacements of globals by name. Each is a parameter of the function around the bundle. */
function globalsOf(environment: Environment) {
  const now = () => environment.outside.now();
  const VirtualDate = class extends Date {
    constructor(...args: [] | [number]) {
      super(...((args.length === 0 ? [now()] : args) as [number]));
    }
    static override now = now;
  };
  const KeptMap = class extends Map<unknown, unknown> {
    constructor(entries?: Iterable<[unknown, unknown]>) {
      super(entries);
      environment.keep(this);
    }
  };
  const virtualMath = Object.assign(Object.create(Math), { random: () => environment.random() });
  const byte = () => Math.floor(environment.random() * 256);
  const randomBytes = (size: number) => Buffer.from(Array.from({ length: size }, byte));
  const getRandomValues = <T extends Uint8Array>(array: T): T => {
    for (let i = 0; i < array.length; i++) array[i] = byte();
    return array;
  };
  const hex = (digits: number) =>
    Math.floor(environment.random() * 16 ** digits)
      .toString(16)
      .padStart(digits, "0");
  const randomUUID = () => `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`;
  const subtle = new Proxy(webcrypto.subtle, {
    get: (target, name) => {
      const method = Reflect.get(target, name) as (...args: unknown[]) => Promise<unknown>;
      return (...args: unknown[]) => environment.outside.busy(method.apply(target, args));
    },
  });
  const process = {
    env: {
      AWS_REGION: "eu-central-1",
      AWS_ACCESS_KEY_ID: "simulated",
      AWS_SECRET_ACCESS_KEY: "simulated",
      ...environment?.compiled.code.variables,
    },
    version: globalThis.process.version,
    versions: globalThis.process.versions,
    platform: "linux",
    arch: "x64",
    emitWarning() {},
  };
  const log = () => {};
  const missing = async () => {
    throw Object.assign(new Error("ENOENT: there are no files here"), { code: "ENOENT" });
  };
  const modules: Record<string, unknown> = {
    "node:crypto": { ...nodeRequire("node:crypto"), createHmac, randomBytes, randomUUID },
    "node:fs": { promises: { readFile: missing } },
    "node:fs/promises": { readFile: missing },
    // Only for the SDK's own HTTP handler, which bundles contain but don't use.
    "node:http": { Agent: unavailable("node:http") },
    "node:https": { Agent: unavailable("node:https") },
    "node:net": { connect: unavailable("a connection without TLS") },
    "node:os": { homedir: () => "/", platform: () => "linux", release: () => "simulated" },
    "node:path": nodeRequire("node:path"),
    "node:process": process,
    "node:stream": nodeRequire("node:stream"),
    "node:tls": { connect: ({ host }: { host: string }) => new SimulatedSocket(environment, host) },
    "node:zlib": nodeRequire("node:zlib"),
  };
  const module = { exports: {} as unknown };
  return {
    module,
    exports: module.exports,
    require(name: string): unknown {
      if (!Object.hasOwn(modules, name)) throw new Error(`tests/checker/environment.ts has no ${name} for a bundle`);
      return modules[name];
    },
    globalThis: {},
    process,
    console: { log, info: log, warn: log, error: log, debug: log, trace: log },
    Date: VirtualDate,
    Math: virtualMath,
    Map: KeptMap,
    crypto: { subtle, randomUUID, getRandomValues },
    performance: { now },
    fetch: (url: unknown) => environment.outside.fetch(String(url)),
    AbortSignal: { timeout: () => new AbortController().signal },
    setTimeout: (run: () => void, ms?: number) => environment.setTimer(run, ms),
    clearTimeout: (id: number) => environment.clearTimer(id),
    setInterval: unavailable("setInterval"),
    setImmediate: unavailable("setImmediate"),
    WebSocket: unavailable("WebSocket"),
    XMLHttpRequest: undefined,
  };
}

function unavailable(name: string) {
  return () => {
    throw new Error(`tests/checker/environment.ts has no ${name} for a bundle: the real one would use real time`);
  };
}

/** Replaces request signing, which takes a fifth of the SDK's time and isn't checked here. */
function createHmac() {
  const digest = (encoding?: "hex") => (encoding === undefined ? Buffer.alloc(32) : "0".repeat(64));
  const hmac = { update: () => hmac, digest };
  return hmac;
}

/** The part of a TLS socket that bundles use: each write is a whole HTTP request, and its answer comes in one piece. */
class SimulatedSocket extends EventEmitter {
  /** Bytes that haven't been sent yet. */
  readonly writableLength = 0;
  readonly #environment: Environment;
  readonly #host: string;
  #isClosed = false;

  constructor(environment: Environment, host: string) {
    super();
    this.#environment = environment;
    this.#host = host;
  }

  write(text: string, encoding: BufferEncoding): void {
    const [head = ""] = text.split("\r\n\r\n", 1);
    const [first = "", ...lines] = head.split("\r\n");
    const [method = "", path = ""] = first.split(" ");
    this.#environment.request({
      host: this.#host,
      method,
      path,
      headers: Object.fromEntries(lines.map((line) => line.split(": ", 2))),
      body: Buffer.from(text.slice(head.length + 4), encoding).toString(),
      answer: (status, body, headers = {}) => this.#answer(status, Buffer.from(body), headers),
      breakOff: () => this.destroy(Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" })),
    });
  }

  destroy(error?: Error): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (error !== undefined) this.emit("error", error);
    this.emit("close");
  }

  setNoDelay = () => this;
  ref = () => this;
  unref = () => this;

  #answer(status: number, body: Buffer, headers: Record<string, string>): void {
    if (this.#isClosed) return;
    const sent = Object.entries({ ...headers, "content-length": String(body.length) });
    const head = [`HTTP/1.1 ${status} Simulated`, ...sent.map(([name, value]) => `${name}: ${value}`)];
    this.emit("data", Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`), body]));
  }
}
