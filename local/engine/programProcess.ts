/**
 * The entry of the process that runs a program: Pulumi's own runner, without work whose result nobody sees. The process
 * starts before it is known where the engine will listen: what to run comes as a message.
 */
import { once } from "node:events";
import { createRequire } from "node:module";
import { dropDebugMessages } from "./debugMessages.ts";
import { loadArboristOnUse } from "./lazyArborist.ts";
import { mapShownStackTraces } from "./stackTraces.ts";
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
loadArboristOnUse(requireByPulumi);
// Large, needed in any case, and the same for every program.
for (const name of ["@grpc/grpc-js", "google-protobuf", "./proto/resource_grpc_pb.js", "typescript"]) {
  requireByPulumi(name);
}
// TypeScript raises it to 100, which makes every promise of Pulumi's dearer.
Error.stackTraceLimit = stackTraceLimit;
dropDebugMessages(requireByPulumi);
const [{ args, env }] = (await message) as [RunMessage];
process.disconnect();
Object.assign(process.env, env);
process.argv.splice(2, Number.POSITIVE_INFINITY, ...args);
mapShownStackTraces(cacheTranspiledFiles());
require("@pulumi/pulumi/cmd/run");
