/** Callbacks that capture what cannot be shipped, and what can: each output is the error, or `ok`. */
import * as pulumi from "@pulumi/pulumi";
import { bundleCallback } from "../../../callbacks/bundle";

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
const twice = (value: number) => value * 2;
const viaFunction = () => map.get("a");

const CALLBACKS: Record<string, (event: never) => Promise<unknown>> = {
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
  missingImport: async () => {
    const path = await import("./nowhere.js" as string);
    return path;
  },
  plain: async () => [limits.most, limits.names, limits.pattern.source, limits.big, twice(2)],
  unusedNeighbor: async () => settings.deep.limit,
};

module.exports = async () =>
  Object.fromEntries(
    await Promise.all(
      Object.entries(CALLBACKS).map(async ([name, callback]) => {
        const outcome = await bundleCallback(name, callback).then(
          () => "ok",
          (error: Error) => error.message,
        );
        return [name, outcome];
      }),
    ),
  );
