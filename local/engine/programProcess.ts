/**
 * Entry point of the process that runs a program: Pulumi's own runner, without work whose result nobody sees. The
 * process starts before the engine's address is known, so the command line arrives in a message.
 */
import { subscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { createRequire } from "node:module";
import { sep } from "node:path";
import { dropDebugMessages } from "./debugMessages.ts";
import { loadArboristOnUse } from "./lazyArborist.ts";
import { keepPromisesWithoutTraces, mapShownStackTraces } from "./stackTraces.ts";
import { cacheTranspiledFiles } from "./transpileCache.ts";

/** Command line and environment variables for Pulumi's runner. */
export interface RunMessage {
  args: string[];
  env: Record<string, string>;
}

/** Messages that the process sends while it runs a program. */
export type FromProgram =
  /** A function's code, bundled from a callback. */
  | { kind: "bundled"; bundle: Bundled }
  /** The program's own files, excluding installed packages; sent when the program ends. */
  | { kind: "loaded"; files: string[] };

/** A bundle, as the program's bundler publishes it on the diagnostics channel `callbacks:bundled`. */
export interface Bundled {
  /** Path of the bundle's file, relative to the program's folder. */
  path: string;
  /** Paths of the bundle's source files, relative to the program's folder. */
  files: string[];
  callback: { text: string; imports: string[]; folder: string };
  programFolder: string;
  /** Path of the module that exports `bundlerOf(programFolder, callbacks)`. */
  bundler: string;
}

const require = createRequire(import.meta.url);
const requireByPulumi = createRequire(require.resolve("@pulumi/pulumi/package.json"));
const { stackTraceLimit } = Error;

const message = once(process, "message");
// Connects the inspector early, because on connecting it processes every script that has been loaded.
await requireByPulumi("./runtime/closure/v8Hooks.js").isInitializedAsync();
loadArboristOnUse(requireByPulumi);
keepPromisesWithoutTraces(requireByPulumi);
// Loaded before `env` arrives, because every program needs them. Pulumi reads its environment variables only with the
// first resource.
for (const name of ["typescript", "ts-node", "@pulumi/pulumi"]) require(name);
// Restores the limit, which TypeScript raises to 100.
Error.stackTraceLimit = stackTraceLimit;
const [{ args, env }] = (await message) as [RunMessage];
process.channel?.unref();
// The callback ignores errors, because the parent process may have ended.
const tell = (message: FromProgram) => void process.send?.(message, () => {});
subscribe("callbacks:bundled", (bundle) => tell({ kind: "bundled", bundle: bundle as Bundled }));
process.once("exit", () => tell({ kind: "loaded", files: loadedFiles() }));
Object.assign(process.env, env);
process.argv.splice(2, Number.POSITIVE_INFINITY, ...args);
mapShownStackTraces(cacheTranspiledFiles());
dropDebugMessages(requireByPulumi);
require("@pulumi/pulumi/cmd/run");

function loadedFiles(): string[] {
  return Object.keys(require.cache).filter((file) => !file.includes(`${sep}node_modules${sep}`));
}
