/** `npm run bench:policy`: measures how long the policy pack takes to start and to check documents. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Catalog } from "@serverless-chat/iam";
import { commandLine } from "../cli/commandLine.ts";
import { checkDocument } from "../policy/checkDocument.ts";
import { checkResource, checkStack } from "../policy/checkStack.ts";
import type { DocumentContext } from "../policy/document/subject.ts";
import type { StackResource } from "../policy/resources/resource.ts";

const HELP = `Measures the policy pack: 1,000 documents from its tests, a stack of 10,000 resources, and the start of the pack
compared with that of an empty one.

  npm run bench:policy -- [options]

  --rounds N   rounds of documents and of starts; the fastest start counts (default: 5)
  --help       print this
`;

const { rounds } = commandLine(HELP, { rounds: { type: "string", default: "5" } });

await measureDocuments();
await measureStack();
await measureStart();

async function measureDocuments(): Promise<void> {
  const folder = "policy/tests/labeled/documents";
  const labeled: (DocumentContext & { document: unknown })[] = [];
  for (const file of await readdir(folder)) labeled.push(...JSON.parse(await readFile(join(folder, file), "utf8")));
  const documents = Array.from({ length: 1_000 }, (_, i) => labeled[i % labeled.length] as (typeof labeled)[number]);
  for (let round = 0; round < Number(rounds); round++) {
    // A new catalog has parsed nothing yet, as in a new process.
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

/** Passes resources as a preview does: first one at a time, then all together. */
async function measureStack(): Promise<void> {
  const catalog = new Catalog("iam/catalog.jsonl");
  const resources = Array.from({ length: 10_000 }, (_, i) => resourceOf(i));
  const started = performance.now();
  const context = { account: "111122223333", region: "eu-central-1" };
  const alone = resources.flatMap((resource) => checkResource(resource, context, catalog).findings);
  const together = checkStack(resources, context, catalog);
  const seconds = ((performance.now() - started) / 1_000).toFixed(1);
  console.log(`10,000 resources: ${seconds} s, ${alone.length + together.length} findings`);
}

/**
 * One of the stack's resources. Each group of ten consists of a role, its inline policy, a managed policy and its
 * attachment, a queue policy, and five parameters.
 */
function resourceOf(i: number): StackResource {
  const group = Math.floor(i / 10);
  const arn = `arn:aws:sqs:eu-central-1:111122223333:orders-${group}`;
  const document = (statement: object) =>
    JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Resource: arn, ...statement }] });
  const [type, props] = (
    [
      ["aws:iam/role:Role", { name: `role-${group}` }],
      ["aws:iam/rolePolicy:RolePolicy", { role: `role-${group}`, policy: document({ Action: "sqs:SendMessage" }) }],
      [
        "aws:iam/policy:Policy",
        { name: `policy-${group}`, policy: document({ Action: ["sqs:ReceiveMessage", "sqs:Get*"] }) },
      ],
      [
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        { role: `role-${group}`, policyArn: `arn:aws:iam::111122223333:policy/policy-${group}` },
      ],
      [
        "aws:sqs/queuePolicy:QueuePolicy",
        { policy: document({ Action: "sqs:SendMessage", Principal: { Service: "sns.amazonaws.com" } }) },
      ],
    ] as [string, Record<string, unknown>][]
  )[i % 10] ?? ["aws:ssm/parameter:Parameter", { name: `/orders/${i}`, value: "x".repeat(200) }];
  const name = `resource-${i}`;
  return { urn: `urn:pulumi:dev::bench::${type}::${name}`, type, name, props, propertyDependencies: {} };
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
  console.log(`starting the pack takes ${withRules - without} ms longer than the ${without} ms of an empty pack`);
}

/**
 * Starts a pack as the engine does.
 *
 * @returns milliseconds until its first line of output, which is its port
 */
async function startOf(folder: string): Promise<number> {
  const started = performance.now();
  const runner = resolve("node_modules/@pulumi/pulumi/cmd/run-policy-pack/index.js");
  const child = spawn(process.execPath, [runner, "127.0.0.1:1", folder], { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  const ms = Math.round(performance.now() - started);
  child.kill();
  return ms;
}
