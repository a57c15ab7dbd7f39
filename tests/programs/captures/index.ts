/** Callbacks that capture values, some of which can't be shipped. Each callback's output is `ok` or what went wrong. */
import { readFile, readFileSync } from "node:fs";
import { inspect, isDeepStrictEqual, promisify } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import { bundleCallback } from "../../../callbacks/bundle";
import { greet } from "./elsewhere/greet";

class Plain {
  field = 1;
}
class Private {
  readonly #secret = 1;
  read() {
    return this.#secret;
  }
}

const map = new Map([["a", 1]]);
const set = new Set([1]);
const date = new Date(0);
const instance = new Private();
const symbol = Symbol.for("s");
const secret = pulumi.secret("hunter2");
const unknown = pulumi.output(new Promise<string>(() => {}));
const settings = { deep: { created: date, limit: 3 } };
const limits = { most: 3, names: ["a", "b"], pattern: /x+/g, big: 10n };
const bytes = new Uint8Array([1, 2]);
const buffer = Buffer.from("secret of nobody");
const arrayBuffer = new ArrayBuffer(2);
const dataView = new DataView(arrayBuffer);
const error = new RangeError("too far");
const url = new URL("https://example.com");
const format = new Intl.NumberFormat("en");
const weak = new WeakRef({});
const boxed = Object("text") as string;
const generator = (function* () {
  yield 1;
})();
const iterator = [1].values();
const read = promisify(readFile);
let gets = 0;
const lazy = {
  get now() {
    gets += 1;
    return 1;
  },
};
const proto = 3;
const nothing = undefined;
const list = Object.assign([1], { 2: 3 });
const circle: { self?: unknown; n: number } = { n: 1 };
circle.self = circle;
const bare = Object.assign(Object.create(null), { a: 1 }) as { a: number };
const frozen = Object.freeze({ a: 1 });
const odd = { nan: Number.NaN, infinite: -Infinity, zero: -0, text: "\u2028`${" };
const twice = (value: number) => value * 2;
const viaFunction = () => map.get("a");

const CALLBACKS: Record<string, () => Promise<unknown>> = {
  map: async () => map.get("a"),
  set: async () => set.has(1),
  date: async () => date.getTime(),
  instance: async () => instance.read(),
  symbol: async () => symbol.toString(),
  plainClass: async () => new Plain().field,
  privateClass: async () => new Private().read(),
  secret: async () => secret.get(),
  unknown: async () => unknown.get(),
  nested: async () => settings.deep.created.getTime(),
  throughFunction: async () => viaFunction(),
  bytes: async () => bytes[0],
  buffer: async () => buffer.toString(),
  arrayBuffer: async () => arrayBuffer.byteLength,
  dataView: async () => dataView.getInt8(0),
  error: async () => error.message,
  url: async () => url.href,
  format: async () => format.format(1),
  weak: async () => weak.deref(),
  boxed: async () => boxed.length,
  generator: async () => generator.next(),
  iterator: async () => iterator.next(),
  nativeFunction: async () => read("x"),
  getter: async () => lazy,
  getterOfMember: async () => lazy.now,
  proto: async () => proto,
  nothing: async () => nothing,
  list: async () => list,
  circle: async () => circle,
  bare: async () => bare.a,
  frozen: async () => frozen.a,
  odd: async () => odd,
  jsonParse: async () => JSON.parse("1"),
  missingImport: async () => {
    const path = await import("./nowhere.js" as string);
    return path;
  },
  greet,
  plain: async () => [limits.most, limits.names, limits.pattern.source, limits.big, twice(2)],
  unusedNeighbor: async () => settings.deep.limit,
};

/** Runs the bundle as Lambda would, and the original callback. @returns `ok` if both give the same result */
async function compare(text: string, callback: () => Promise<unknown>): Promise<string> {
  const module = { exports: {} as { handler?: () => Promise<unknown> } };
  new Function("module", "exports", "require", text)(module, module.exports, require);
  const there = await module.exports.handler?.().catch((error: Error) => error.message);
  const before = gets;
  const here = await callback();
  gets = before;
  return isDeepStrictEqual(there, here) ? "ok" : `there it gives ${inspect(there)}, here ${inspect(here)}`;
}

module.exports = async () =>
  Object.fromEntries(
    await Promise.all(
      Object.entries(CALLBACKS).map(async ([name, callback]) => {
        const before = gets;
        const outcome = await bundleCallback(name, callback).then(
          (path) => compare(readFileSync(path, "utf8"), callback),
          (error: Error) => error.message,
        );
        return [name, gets === before ? outcome : `a getter ran: ${outcome}`];
      }),
    ),
  );
