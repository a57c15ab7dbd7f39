/** `npm run size`: sizes of functions, client and page, compared with their limits, and load times of functions. */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { bundleClient, ENTRIES } from "../client/bundle.ts";
import { preview } from "../local/preview.ts";
import { buildPage } from "../page.ts";
import { readProject, readStackConfig } from "../stack/stackFiles.ts";
import { commandLine } from "./commandLine.ts";

const HELP = `Prints the size of each function's archive and how long it takes to load in a fresh Node process, and the size
of each entry point of the client and of the page's scripts and styles, minified and compressed with gzip.

  npm run size -- [--json] [--help]

Exits with 1 if something exceeds its limit in bytes. Times have no limits, because machines differ.
`;

const MAX_BYTES = 260_000;
/** Limit of functions that invoke other functions, and therefore contain a third SDK client. */
const MAX_BYTES_OF_INVOKERS = 320_000;
/** Limit of the client's core, compressed. */
const MAX_CLIENT_BYTES = 8_192;
/** Limits of the page's files, compressed. */
const MAX_PAGE_BYTES = new Map([
  ["js", 40_960],
  ["css", 8_192],
]);
const ENOUGH_RUNS = 5;

interface FunctionSize {
  function: string;
  bytes: number;
  /** Maximum size, in bytes. */
  limit: number;
  /** Shortest of several loads, in milliseconds. */
  initMs: number;
}

interface CompressedSize {
  /** An entry point of the client, or a kind of files of the page. */
  entry: string;
  /** Compressed size. */
  bytes: number;
  limit?: number;
}

const { json } = commandLine(HELP, { json: { type: "boolean" } });
const functions = await measureFunctions();
const client = await measureClient();
const page = await measurePage();
if (json) console.log(JSON.stringify({ functions, client, page }));
else print();
if ([...functions, ...client, ...page].some(({ bytes, limit = bytes }) => bytes > limit)) process.exitCode = 1;

async function measureClient(): Promise<CompressedSize[]> {
  const sizes: CompressedSize[] = [];
  for (const entry of Object.keys(ENTRIES) as (keyof typeof ENTRIES)[]) {
    const bytes = gzipSync(await bundleClient(entry, "esm"), { level: 9 }).length;
    sizes.push({ entry, bytes, ...(entry === "index" ? { limit: MAX_CLIENT_BYTES } : {}) });
  }
  return sizes;
}

/** Adds up the sizes of all files of one kind, because the browser loads each of them. */
async function measurePage(): Promise<CompressedSize[]> {
  const { files } = await buildPage(process.cwd());
  return [...MAX_PAGE_BYTES].map(([extension, limit]) => {
    const sizes = [...files].map(([path, { body }]) =>
      path.endsWith(`.${extension}`) ? gzipSync(body, { level: 9 }).length : 0,
    );
    return { entry: `page, ${extension}`, bytes: sizes.reduce((sum, bytes) => sum + bytes, 0), limit };
  });
}

async function measureFunctions(): Promise<FunctionSize[]> {
  const { name, main, tsconfig } = await readProject(".");
  const { values: config } = await readStackConfig(".", name, "dev");
  const { registrations } = await preview({
    folder: process.cwd(),
    project: name,
    stack: "dev",
    main,
    tsconfig,
    config,
  });
  const sizes: FunctionSize[] = [];
  for (const { type, inputs } of registrations) {
    if (type !== "aws:lambda/function:Function") continue;
    const { name, code, environment } = inputs as unknown as LambdaInputs;
    const text = await readFile(code.assets["index.js"].path, "utf8");
    const initMs = await loadTime(text, environment.variables);
    const invokes = "FAN_OUT" in environment.variables || "DEPARTURES" in environment.variables;
    const limit = invokes ? MAX_BYTES_OF_INVOKERS : MAX_BYTES;
    sizes.push({ function: name, bytes: Buffer.byteLength(text), limit, initMs });
  }
  return sizes;
}

interface LambdaInputs {
  name: string;
  code: { assets: { "index.js": { path: string } } };
  environment: { variables: Record<string, string> };
}

/** Loads the file in fresh processes, one after the other. */
async function loadTime(text: string, variables: Record<string, string>): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "size-"));
  const file = join(folder, "index.js");
  await writeFile(file, text);
  const script = `const t = performance.now(); require(${JSON.stringify(file)}); console.log(performance.now() - t)`;
  const env = { PATH: process.env.PATH, AWS_REGION: "eu-central-1", ...variables };
  const times: number[] = [];
  for (let run = 0; run < ENOUGH_RUNS; run++) {
    const { stdout } = await promisify(execFile)(process.execPath, ["-e", script], { env });
    times.push(Number(stdout));
  }
  await rm(folder, { recursive: true });
  return Math.round(Math.min(...times) * 10) / 10;
}

function print(): void {
  console.log(`${"function".padEnd(28)}${"bytes".padStart(9)}${"load".padStart(10)}`);
  for (const { function: name, bytes, limit, initMs } of functions) {
    console.log(`${name.padEnd(28)}${String(bytes).padStart(9)}${`${initMs} ms`.padStart(10)}${over(bytes, limit)}`);
  }
  console.log(`\n${"client and page".padEnd(28)}${"bytes, compressed".padStart(19)}`);
  for (const { entry, bytes, limit } of [...client, ...page]) {
    console.log(`${entry.padEnd(28)}${String(bytes).padStart(19)}${over(bytes, limit)}`);
  }
}

function over(bytes: number, limit = bytes): string {
  return bytes > limit ? `  over ${limit} bytes` : "";
}
