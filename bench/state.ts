/**
 * `npm run bench:state`: measures how much state Pulumi stores for the stack dev, and how often, in the first
 * `pulumi up` and in a second one.
 */
import { type FSWatcher, statSync, watch } from "node:fs";
import { join } from "node:path";
import { commandLine } from "../cli/commandLine.ts";
import { SKIPPED, Workspace } from "../tests/engine/workspace.ts";

const HELP = `Measures the state of the stack dev: two updates by the real Pulumi CLI, with a stand-in for AWS and the state in a
folder. Prints the size of the state, how often an update writes it, all bytes written, and the time.

  npm run bench:state -- [--json] [--help]

Exits with 1 if the state is larger than 1 MB.
`;

const MAX_BYTES = 1_000_000;

const { json } = commandLine(HELP, { json: { type: "boolean" } });
if (SKIPPED !== undefined) {
  console.error(SKIPPED);
  process.exit(1);
}

interface Update {
  update: string;
  stateBytes: number;
  writes: number;
  writtenBytes: number;
  seconds: number;
}

const workspace = await Workspace.make({ savesEachStep: true });
try {
  await workspace.pulumi("stack", "init", "dev");
  const updates = [await measure("first"), await measure("second")];
  if (json) console.log(JSON.stringify(updates));
  else print(updates);
  if (updates.some(({ stateBytes }) => stateBytes > MAX_BYTES)) process.exitCode = 1;
} finally {
  await workspace.end();
}

function stateFile(): string {
  return join(workspace.stateFolder, ".pulumi/stacks/chat/dev.json");
}

async function measure(update: string): Promise<Update> {
  const written = { writes: 0, writtenBytes: 0 };
  const watcher = watchState(written);
  const started = performance.now();
  const { code, said } = await workspace.operate("up", "dev");
  const seconds = Math.round((performance.now() - started) / 100) / 10;
  watcher.close();
  if (code !== 0) throw new Error(`pulumi up ended with exit code ${code}:\n${said}`);
  return { update, stateBytes: statSync(stateFile()).size, ...written, seconds };
}

/** Counts writes of the state. Pulumi writes another file and then renames it. */
function watchState(written: { writes: number; writtenBytes: number }): FSWatcher {
  return watch(join(workspace.stateFolder, ".pulumi/stacks/chat"), (event, name) => {
    const found = name === "dev.json" ? statSync(stateFile(), { throwIfNoEntry: false }) : undefined;
    if (event !== "rename" || found === undefined) return;
    written.writes += 1;
    written.writtenBytes += found.size;
  });
}

function print(updates: Update[]): void {
  console.log("update       state      writes    written     time");
  for (const { update, stateBytes, writes, writtenBytes, seconds } of updates) {
    const kilobytes = `${Math.round(stateBytes / 1_000)} kB`.padStart(9);
    const megabytes = `${Math.round(writtenBytes / 1_000_000)} MB`.padStart(11);
    console.log(
      `${update.padEnd(9)}${kilobytes}${String(writes).padStart(12)}${megabytes}${`${seconds} s`.padStart(9)}`,
    );
  }
}
