/** The code under test: the functions as they are deployed, the tables, and the client library. */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as esbuild from "esbuild";
import { STAND_INS } from "../../callbacks/slimSdk.ts";
import { codeOf, ofType, previewStack, ROOT } from "../program/stack.ts";
import type { FunctionCode } from "./environment.ts";
import { type Plant, planting } from "./plants.ts";
import type { TableDefinition } from "./store.ts";

export interface Bundles {
  functions: FunctionCode[];
  tables: TableDefinition[];
  /** The client library as one CommonJS file. */
  client: string;
}

const STACK = "dev";

/** Sources of the program's functions. */
const SOURCES = [
  "index.ts",
  "config.ts",
  "settings",
  "page.ts",
  "components",
  "cache",
  "callbacks",
  "handlers",
  "chat",
  "protocol",
  "iam",
  "package-lock.json",
];
const SETTINGS = ["Pulumi.yaml", `Pulumi.${STACK}.yaml`, "tsconfig.json", "tsconfig.pulumi.json"];

/** The deployed bundles, with a plant's fault in them if there is a plant. */
export async function bundlesWith(plant?: Plant): Promise<Bundles> {
  const shipped = await shippedBundles();
  const client = await clientBundle(plant?.in === "client" ? plant : undefined);
  if (plant?.in !== "server") return { ...shipped, client };
  const functions = shipped.functions.map(async (code) =>
    plant.functions.includes(code.name) ? { ...code, text: await plantedBundle(code.name, plant) } : code,
  );
  return { ...shipped, functions: await Promise.all(functions), client };
}

/** Bundles the functions as the program does. That takes seconds, so the result for the same sources is reused. */
async function shippedBundles(): Promise<Omit<Bundles, "client">> {
  const folder = join(ROOT, "node_modules/.cache/checker");
  const file = join(folder, `${hashOfSources()}.json`);
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    // Built on first use.
  }
  const { registrations } = await previewStack(STACK, { "chat:page": "false" });
  const functions = [...ofType(registrations, "aws:lambda/function:Function")].map(([name, inputs]) => ({
    name,
    text: codeOf(inputs),
    variables: inputs.environment?.variables ?? {},
    timeoutMs: inputs.timeout * 1000,
  }));
  const tables = [...ofType(registrations, "aws:dynamodb/table:Table").values()].map((inputs) => ({
    TableName: inputs.name,
    KeySchema: [
      { AttributeName: inputs.hashKey, KeyType: "HASH" as const },
      { AttributeName: inputs.rangeKey, KeyType: "RANGE" as const },
    ],
    AttributeDefinitions: inputs.attributes.map(({ name, type }: { name: string; type: string }) => ({
      AttributeName: name,
      AttributeType: type,
    })),
    ttlAttribute: inputs.ttl.attributeName,
  }));
  mkdirSync(folder, { recursive: true });
  // The file gets its final name only once it is complete, so that no other process reads it half-written.
  const unfinished = `${file}.${process.pid}`;
  writeFileSync(unfinished, JSON.stringify({ functions, tables }));
  renameSync(unfinished, file);
  return { functions, tables };
}

function hashOfSources(): string {
  const hash = createHash("sha256");
  for (const path of [...SOURCES, ...SETTINGS].flatMap((source) => filesIn(source))) {
    hash.update(`${path}\n`).update(readFileSync(join(ROOT, path)));
  }
  return hash.digest("hex").slice(0, 16);
}

function filesIn(path: string): string[] {
  if (!statSync(join(ROOT, path)).isDirectory()) return [path];
  return readdirSync(join(ROOT, path))
    .sort()
    .flatMap((name) => filesIn(join(path, name)));
}

/** A function's handler with a fault in one of its modules, bundled the way callbacks/bundle.ts does it. */
async function plantedBundle(name: string, plant: Plant): Promise<string> {
  return bundle({
    stdin: { contents: `export { ${name} as handler } from "./handlers/${name}";`, resolveDir: ROOT },
    target: "node24",
    mainFields: ["module", "main"],
    alias: Object.fromEntries(Object.entries(STAND_INS).map(([name, file]) => [name, join(ROOT, "callbacks", file)])),
    plugins: [planting(plant)],
  });
}

async function clientBundle(plant: Plant | undefined): Promise<string> {
  return bundle({
    entryPoints: [join(ROOT, "client/index.ts")],
    target: "es2024",
    plugins: plant === undefined ? [] : [planting(plant)],
  });
}

async function bundle(options: esbuild.BuildOptions): Promise<string> {
  const { outputFiles } = await esbuild.build({
    absWorkingDir: ROOT,
    bundle: true,
    write: false,
    format: "cjs",
    platform: "node",
    tsconfigRaw: {},
    logLevel: "silent",
    ...options,
  });
  return (outputFiles as esbuild.OutputFile[])[0]?.text as string;
}
