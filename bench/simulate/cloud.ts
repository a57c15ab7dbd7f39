/** Simulates AWS in virtual time for the chat's functions, with its latencies and quotas but without faults. */
import { Chance } from "../../tests/checker/chance.ts";
import type { AwsRequest } from "../../tests/checker/environment.ts";
import type { EnvironmentPool } from "../../tests/checker/functions.ts";
import { Issuer } from "../../tests/checker/issuer.ts";
import { PendingWork } from "../../tests/checker/pendingWork.ts";
import { Store, type TableDefinition } from "../../tests/checker/store.ts";
import { VirtualClock } from "../../tests/checker/virtualClock.ts";
import { consumedBy, kindOf, partitionsOf, type TableRequest, type Units } from "../capacity.ts";
import { type Latencies, QUOTAS } from "./assumptions.ts";
import { Bucket } from "./bucket.ts";
import { drawn } from "./drawn.ts";
import { type Invoked, Lambda } from "./lambda.ts";
import { functionIn, noUsage, type Usage, unitsIn } from "./usage.ts";

interface Answer {
  status: number;
  body: string;
  headers?: Record<string, string>;
}

const THROTTLED: Answer = {
  status: 400,
  body: JSON.stringify({
    __type: "com.amazonaws.dynamodb.v20120810#ThrottlingException",
    message: "Throughput exceeds the current capacity of your table",
  }),
};

export interface CloudArgs {
  pool: EnvironmentPool;
  tables: TableDefinition[];
  latencies: Latencies;
  seed: number;
}

export class SimulatedCloud {
  readonly clock = new VirtualClock();
  readonly dice;
  readonly latencies: Latencies;
  readonly store: Store;
  readonly lambda: Lambda;
  readonly issuer: Issuer;
  usage = noUsage();
  /** Connections that have ended. All others are considered open. */
  readonly #gone = new Set<string>();
  /** Receivers of frames, by connection. */
  readonly listeners = new Map<string, (frame: string) => void>();
  /** Called for each post, with the id of the receiving connection and the frame. */
  onPost: (id: string, frame: string) => void = () => {};
  readonly #pool: EnvironmentPool;
  readonly #requests = new Bucket(QUOTAS.requests, QUOTAS.requestBurst);
  readonly #partitions = new Map<string, Record<keyof Units, Bucket>>();
  readonly #pending = new PendingWork();

  private constructor({ pool, latencies, seed }: CloudArgs, store: Store) {
    this.#pool = pool;
    this.store = store;
    this.latencies = latencies;
    this.dice = new Chance(seed).of("cloud");
    const { ISSUER = "", AUDIENCE = "" } = pool.code("authorizer").variables;
    this.issuer = new Issuer(ISSUER, AUDIENCE);
    const cloud = this;
    this.lambda = new Lambda(
      {
        clock: this.clock,
        dice: this.dice,
        latencies,
        // A getter, because `take` replaces the object.
        get usage() {
          return cloud.usage;
        },
        fetch: (url) => this.issuer.fetch(url),
        busy: (work) => this.#pending.add(work),
        request: (name, request, afterMs) => this.#request(name, request, afterMs),
      },
      pool,
    );
  }

  static async start(args: CloudArgs): Promise<SimulatedCloud> {
    return new SimulatedCloud(args, await Store.open(args.tables));
  }

  /** @returns usage since the last call of this method, or since the start */
  take(): Usage {
    const { usage } = this;
    this.usage = noUsage();
    return usage;
  }

  variable(functionName: string, name: string): string {
    return this.#pool.code(functionName).variables[name] ?? "";
  }

  /** Lets this much time pass. */
  pass(ms: number): Promise<void> {
    return this.clock.runUntil(this.clock.elapsed() + ms, () => this.#pending.settled());
  }

  /** Lets time pass until the promise resolves. @throws Error if that takes more than an hour */
  async until<T>(work: Promise<T>): Promise<T> {
    let isDone = false;
    const done = () => {
      isDone = true;
    };
    work.then(done, done);
    for (let waited = 0; !isDone; waited += 100) {
      if (waited > 3_600_000) throw new Error("the simulation waited an hour for something that didn't happen");
      await this.pass(100);
    }
    return work;
  }

  async end(): Promise<void> {
    await this.store.close();
    this.#pool.end();
  }

  close(id: string): void {
    this.#gone.add(id);
    this.listeners.delete(id);
  }

  /** Runs a function for a request that arrived at API Gateway. */
  async call(name: string, event: object): Promise<Invoked> {
    await this.#after(this.latencies.startMs);
    return this.lambda.invoke(name, event);
  }

  /** Counts a request against the account's rate. @returns whether the rate allows it */
  admits(): boolean {
    const isAdmitted = this.#requests.hasAny(this.clock.elapsed());
    if (isAdmitted) this.#requests.take(1);
    else this.usage.throttledRequests += 1;
    return isAdmitted;
  }

  #request(name: string, request: AwsRequest, afterMs: number): void {
    const { tableMs, postMs, asyncMs } = this.latencies;
    const carry = (meanMs: number, effect: () => Promise<Answer>) => this.#carry(request, afterMs, meanMs, effect);
    if (request.host.startsWith("dynamodb.")) carry(tableMs, () => this.#dynamodb(request));
    else if (/\/(@|%40)connections\//.test(request.path)) {
      carry(postMs, async () => this.#connections(name, request));
    } else {
      carry(tableMs, async () => {
        const [, target = ""] = /\/functions\/([^/]+)\/invocations/.exec(decodeURIComponent(request.path)) ?? [];
        const event = JSON.parse(request.body);
        this.clock.after(
          drawn(this.dice, asyncMs),
          () => void this.lambda.invoke(target.split("-").at(-1) ?? "", event),
        );
        return { status: 202, body: "" };
      });
    }
  }

  #carry(request: AwsRequest, afterMs: number, meanMs: number, effect: () => Promise<Answer>): void {
    const ms = drawn(this.dice, meanMs);
    this.clock.after(afterMs + ms / 2, async () => {
      const { status, body, headers } = await effect();
      this.clock.after(ms / 2, () =>
        request.answer(status, body, { "content-type": "application/x-amz-json-1.0", ...headers }),
      );
    });
  }

  async #dynamodb({ headers, body }: AwsRequest): Promise<Answer> {
    const operation = headers["x-amz-target"]?.split(".")[1] ?? "";
    const request = JSON.parse(body) as TableRequest;
    const kind = kindOf(operation);
    const buckets = partitionsOf(request).map(({ partition }) => this.#bucketOf(partition)[kind]);
    const now = this.clock.elapsed();
    // DynamoDB would process only a part of a batch. Here the whole batch passes, and later calls are throttled
    // instead.
    if (request.RequestItems === undefined && buckets.some((bucket) => !bucket.hasAny(now))) {
      this.usage.throttledCalls += 1;
      return THROTTLED;
    }
    const answer = await this.store.call(operation, JSON.stringify({ ...request, ReturnConsumedCapacity: "TOTAL" }));
    const { ConsumedCapacity } = answer.status === 200 ? JSON.parse(answer.body) : { ConsumedCapacity: undefined };
    for (const { table, partition, units } of consumedBy(operation, request, ConsumedCapacity)) {
      unitsIn(this.usage.tables, table)[kind] += units;
      unitsIn(this.usage.partitions, partition)[kind] += units;
      this.#bucketOf(partition)[kind].take(units);
    }
    return answer;
  }

  #bucketOf(partition: string): Record<keyof Units, Bucket> {
    const known = this.#partitions.get(partition);
    if (known !== undefined) return known;
    const { partitionReads, partitionWrites } = QUOTAS;
    const buckets = {
      read: new Bucket(partitionReads, partitionReads),
      write: new Bucket(partitionWrites, partitionWrites),
    };
    this.#partitions.set(partition, buckets);
    return buckets;
  }

  #connections(name: string, { method, path, body }: AwsRequest): Answer {
    this.usage.posts += 1;
    functionIn(this.usage, name).posts += 1;
    if (!this.admits()) return { status: 429, body: "{}", headers: { "x-amzn-errortype": "LimitExceededException" } };
    const id = decodeURIComponent(path.split(/(?:@|%40)connections\//)[1] ?? "");
    if (this.#gone.has(id)) return { status: 410, body: "{}", headers: { "x-amzn-errortype": "GoneException" } };
    if (method === "GET") return { status: 200, body: "{}" };
    if (method === "DELETE") {
      this.close(id);
      return { status: 204, body: "" };
    }
    this.usage.delivered += 1;
    this.onPost(id, body);
    this.listeners.get(id)?.(body);
    return { status: 200, body: "" };
  }

  #after(meanMs: number): Promise<void> {
    return new Promise((resolve) => void this.clock.after(drawn(this.dice, meanMs), resolve));
  }
}
