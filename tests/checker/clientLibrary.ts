/**
 * Evaluates the bundled client library, once per run. The library may touch the world only through its options; any
 * other access fails the run.
 */
import { Script } from "node:vm";
import type * as Library from "../../client/index.ts";

const FORBIDDEN = [
  ...["setTimeout", "clearTimeout", "setInterval", "setImmediate", "WebSocket", "Date", "performance"],
  ...["crypto", "fetch", "process", "require"],
];

export function evaluateClient(text: string): typeof Library {
  const parameters = ["module", "exports", "globalThis", "Math", ...FORBIDDEN];
  const script = new Script(`(function(${parameters.join(",")}){${text}\n})`, { filename: "client.js" });
  const module = { exports: {} };
  const predictable = Object.assign(Object.create(Math), { random: undefined });
  script.runInThisContext()(module, module.exports, {}, predictable);
  return module.exports as typeof Library;
}
