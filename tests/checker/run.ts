/** `npm run checker`: runs seeds, and shows the shortest history of the first one that breaks a property. */
import { availableParallelism } from "node:os";
import { commandLine } from "../../cli/commandLine.ts";
import { bundlesWith } from "./bundles.ts";
import { Crew } from "./crew.ts";
import { PLANTS } from "./plants.ts";
import type { Report } from "./worker.ts";

const LINES = 200;

const HELP = `Runs the functions as they are deployed, and the client library, under simulated faults. Each seed
determines what clients do and what goes wrong, and a seed's run is the same each time.

  npm run checker -- --seeds 1000 --from 1

  --seeds N      how many seeds to run (100)
  --from N       the first seed (1, or a later one for a fault that the first seeds miss)
  --plant NAME   plants a fault in the code, and stops at the first seed in which it is found
  --jobs N       threads (${availableParallelism()}, one for each core)
  --keep-going   continues after a seed that breaks a property
  --hashes       prints the hash of each seed's history
  --whole        shows histories in full
  --help         prints this

Faults to plant:
${PLANTS.map(({ name, says }) => `  ${name.padEnd(29)} ${says}`).join("\n")}
`;

const options = commandLine(HELP, {
  seeds: { type: "string", default: "100" },
  from: { type: "string" },
  plant: { type: "string" },
  jobs: { type: "string", default: String(availableParallelism()) },
  "keep-going": { type: "boolean", default: false },
  hashes: { type: "boolean", default: false },
  whole: { type: "boolean", default: false },
});
const count = numberOf("seeds");
const plant = PLANTS.find(({ name }) => name === options.plant);
const from = numberOf("from", plant?.from ?? 1);
if (options.plant !== undefined && plant === undefined) fail(`there is no fault ${options.plant}; --help lists them`);

const started = performance.now();
const crew = new Crew(await bundlesWith(plant), Math.min(numberOf("jobs"), count));
const broken: Report[] = [];
const tally = { seeds: 0, appends: 0, faults: 0 };
await crew.runAll(from, count, (report) => {
  tally.seeds += 1;
  tally.appends += report.appends;
  tally.faults += report.faults.length;
  if (options.hashes) say(`seed ${report.seed}: ${report.hash}`);
  const isBroken = report.findings.some(({ property }) => plant?.breaks.includes(property) ?? true);
  if (isBroken) {
    broken.push(report);
    if (options["keep-going"]) say(`seed ${report.seed} breaks ${propertiesOf(report)}: ${report.findings[0]?.says}`);
  }
  showProgress();
  return !isBroken || options["keep-going"];
});
clearProgress();
const first = broken.sort((a, b) => a.seed - b.seed)[0];
if (first !== undefined) await explain(first);
const seconds = (performance.now() - started) / 1000;
say(
  `${numeral(tally.seeds)} seeds with ${numeral(tally.appends)} appends and ${numeral(tally.faults)} faults ` +
    `in ${seconds.toFixed(1)} s: ${broken.length === 0 ? "every property holds" : `${broken.length} broke a property`}`,
);
await crew.close();
// Succeeds if every property holds or, with a planted fault, if a seed breaks a property that the fault should break.
process.exitCode = (plant === undefined) === (broken.length === 0) ? 0 : 1;

async function explain(report: Report): Promise<void> {
  const { seed, findings } = report;
  const { property } = findings.find((finding) => plant?.breaks.includes(finding.property) ?? true) as {
    property: string;
  };
  say(`seed ${seed} breaks ${propertiesOf(report)}; looking for the shortest history that breaks "${property}" …`);
  const shortest = await crew.shrink(seed, property, options.whole);
  const { story } = shortest;
  const hidden = options.whole ? 0 : Math.max(0, story.length - LINES);
  if (hidden > 0) say(`(${hidden} earlier lines are left out; --whole shows them)`);
  for (const line of story.slice(hidden)) say(line);
  say("");
  for (const finding of shortest.findings.filter((one) => one.property === property))
    say(`${property}: ${finding.says}`);
  say(`The history needs ${shortest.steps.length} steps and ${shortest.faults.length} faults. To repeat the search:`);
  say(`  npm run checker -- --seeds 1 --from ${seed}${plant === undefined ? "" : ` --plant ${plant.name}`}`);
}

function propertiesOf({ findings }: Report): string {
  return [...new Set(findings.map(({ property }) => property))].join(", ");
}

function showProgress(): void {
  const rate = tally.seeds / ((performance.now() - started) / 1000);
  const line = `${numeral(tally.seeds)} of ${numeral(count)} seeds, ${rate.toFixed(1)} a second, ${broken.length} broke a property`;
  if (process.stderr.isTTY) process.stderr.write(`\r${line}`);
  else if (tally.seeds % 100 === 0) process.stderr.write(`${line}\n`);
}

function clearProgress(): void {
  if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
}

function say(line: string): void {
  clearProgress();
  process.stdout.write(`${line}\n`);
}

function numberOf(name: "seeds" | "from" | "jobs", byDefault?: number): number {
  const value = Number(options[name] ?? byDefault);
  if (!Number.isSafeInteger(value) || value < 1)
    fail(`--${name} must be a whole number of at least 1, not "${options[name]}"`);
  return value;
}

function numeral(value: number): string {
  return value.toLocaleString("en");
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
