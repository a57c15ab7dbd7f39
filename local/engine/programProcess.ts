/**
 * The entry of the process that runs a program: Pulumi's own runner, without work whose result nobody sees. The process
 * starts before it is known where the engine will listen: what to run comes as a message.
 */
import { once } from "node:events";
import { createRequire } from "node:module";
import { dropDebugMessages } from "./debugMessages.ts";
import { loadArboristOnUse } from "./lazyArborist.ts";
import { keepPromisesWithoutTraces, mapShownStackTraces } from "./stackTraces.ts";
import { cacheTranspiledFiles } from "./transpileCache.ts";

/** A command line of Pulumi's runner. */
export interface RunMessage {
  args: string[];
  env: Record<string, string>;
}

const require = createRequire(import.meta.url);
const requireByPulumi = createRequire(require.resolve("@pulumi/pulumi/package.json"));
const { stackTraceLimit } = Error;

const message = once(process, "message");
// The inspector looks at every script that there is when it connects.
await requireByPulumi("./runtime/closure/v8Hooks.js").isInitializedAsync();
loadArboristOnUse(requireByPulumi);
keepPromisesWithoutTraces(requireByPulumi);
// Needed in any case. Pulumi reads its environment later, with the first resource.
for (const name of ["typescript", "ts-node", "@pulumi/pulumi"]) require(name);
// TypeScript raises it to 100.
Error.stackTraceLimit = stackTraceLimit;
const [{ args, env }] = (await message) as [RunMessage];
process.disconnect();
Object.assign(process.env, env);
process.argv.splice(2, Number.POSITIVE_INFINITY, ...args);
mapShownStackTraces(cacheTranspiledFiles());
dropDebugMessages(requireByPulumi);
require("@pulumi/pulumi/cmd/run");
