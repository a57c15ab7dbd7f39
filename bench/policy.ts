/** `npm run bench:policy`: how long the policy pack takes to start and to look at documents. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Catalog } from "@serverless-chat/iam";
import { commandLine } from "../cli/commandLine.ts";
import { checkDocument } from "../policy/checkDocument.ts";
import type { DocumentContext } from "../policy/document/subject.ts";

const HELP = `Measures the policy pack: 1,000 documents of the labeled set, and its start beside that of an empty JavaScript pack.

  npm run bench:policy -- [options]

  --rounds N   rounds of each; the quickest one counts (default: 5)
  --help       print this
`;

const { rounds } = commandLine(HELP, { rounds: { type: "string", default: "5" } });

await measureDocuments();
await measureStart();

async function measureDocuments(): Promise<void> {
  const folder = "policy/tests/labeled/documents";
  const labeled: (DocumentContext & { document: unknown })[] = [];
  for (const file of await readdir(folder)) labeled.push(...JSON.parse(await readFile(join(folder, file), "utf8")));
  const documents = Array.from({ length: 1_000 }, (_, i) => labeled[i % labeled.length] as (typeof labeled)[number]);
  for (let round = 0; round < Number(rounds); round++) {
    // A new catalog has read nothing yet, as in a new process.
    const started = performance.now();
    const catalog = new Catalog("iam/catalog.jsonl");
    let findings = 0;
    for (const { document, kind, service, account } of documents) {
      const context = { kind, ...(service && { service }), ...(account && { account }) };
      findings += checkDocument(document, context, catalog).length;
    }
    console.log(`1,000 documents: ${Math.round(performance.now() - started)} ms, ${findings} findings`);
  }
}

async function measureStart(): Promise<void> {
  const empty = await mkdtemp(join(tmpdir(), "empty-pack-"));
  await writeFile(join(empty, "package.json"), '{"main":"index.js"}');
  await writeFile(join(empty, "PulumiPolicy.yaml"), "runtime: nodejs\n");
  await writeFile(
    join(empty, "index.js"),
    'const { PolicyPack } = require("@pulumi/policy"); new PolicyPack("empty", { policies: [] });',
  );
  await symlink(resolve("node_modules"), join(empty, "node_modules"));
  const times = { empty: [] as number[], pack: [] as number[] };
  for (let round = 0; round < Number(rounds); round++) {
    times.empty.push(await startOf(empty));
    times.pack.push(await startOf(resolve("policy")));
    console.log(`start: empty pack ${times.empty.at(-1)} ms, this pack ${times.pack.at(-1)} ms`);
  }
  await rm(empty, { recursive: true });
  const [without, withRules] = [Math.min(...times.empty), Math.min(...times.pack)];
  console.log(`the pack's start adds ${withRules - without} ms to the ${without} ms of an empty one`);
}

/** Starts a pack as the engine does; its first line is the port at which it listens. */
async function startOf(folder: string): Promise<number> {
  const started = performance.now();
  const runner = resolve("node_modules/@pulumi/pulumi/cmd/run-policy-pack/index.js");
  const child = spawn(process.execPath, [runner, "127.0.0.1:1", folder], { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  const ms = Math.round(performance.now() - started);
  child.kill();
  return ms;
}
