/**
 * `npm run simulate`: calculates the AWS usage of a number of connections by running the shipped functions in virtual
 * time.
 */
import { commandLine } from "../cli/commandLine.ts";
import { laboratoryWith } from "./simulate/laboratory.ts";
import { LEASED_ROOMS, leaseCostOf, leasesTable } from "./simulate/leases.ts";
import { needsOf } from "./simulate/needs.ts";
import { HELP, OPTIONS, type Wanted, wantedBy } from "./simulate/options.ts";
import { loadsOf } from "./simulate/quotas.ts";
import { advice, needsTable, quotasTable, roomsTable } from "./simulate/report.ts";
import { type RoomKind, type RoomRun, simulateRoom } from "./simulate/room.ts";
import { simulateSessions } from "./simulate/sessions.ts";

const wanted = wantedOrExit();
const laboratory = await laboratoryWith(wanted.latencies, wanted.lobby);
if (wanted.isAboutLeases) await tellOfLeases();
else await tellOfNeeds(wanted);

async function tellOfNeeds({ scenarios, habits, heartbeatSeconds, sessionMinutes, lobby, latencies }: Wanted) {
  const runs = new Map<string, RoomRun>();
  const nameOf = ({ size, rate }: RoomKind) => `${size}@${rate.toPrecision(6)}`;
  for (const kind of scenarios.flatMap(({ rooms }) => rooms)) {
    if (kind.rate === 0 || runs.has(nameOf(kind))) continue;
    runs.set(nameOf(kind), await told(kind, () => simulateRoom(kind, habits, laboratory)));
  }
  const all = [];
  for (const scenario of scenarios) {
    const { connections } = scenario;
    const started = performance.now();
    const rooms = scenario.rooms.map(({ size, count }) => ({ size, perPerson: (size * count) / connections }));
    const perSecond = connections / (sessionMinutes * 60);
    const kind = { perSecond, minutes: sessionMinutes, heartbeatSeconds, rooms };
    const sessions = await simulateSessions(kind, laboratory);
    progress(`sessions of ${connections} connections`, started);
    const more = { postCpuMs: latencies.postCpuMs, lobby };
    all.push(needsOf(scenario, (kind) => runs.get(nameOf(kind)), sessions, more));
  }
  if (wanted.isJson) {
    const connections = all.map((needs) => ({ ...needs, loads: loadsOf(needs).map(({ remedy: _, ...load }) => load) }));
    return print({ rooms: [...runs.values()], connections });
  }
  console.log(`For each message, in one room of each kind:\n\n${roomsTable([...runs.values()])}\n`);
  console.log(`What all rooms and sessions need together:\n\n${needsTable(all)}\n`);
  console.log(`Which quota is reached first:\n\n${quotasTable(all)}\n\n${advice(all, [...runs.values()])}`);
}

async function tellOfLeases() {
  const runs = [];
  for (const kind of LEASED_ROOMS)
    runs.push(await told(kind, () => simulateRoom(kind, { typing: 0, reads: 0 }, laboratory)));
  if (wanted.isJson) print({ leases: runs.map(leaseCostOf), rooms: runs });
  else console.log(`${leasesTable(runs)}\n\n${roomsTable(runs)}`);
}

async function told(kind: RoomKind, run: () => Promise<RoomRun>): Promise<RoomRun> {
  const started = performance.now();
  const done = await run();
  progress(`a room of ${kind.size} with ${Number(kind.rate.toPrecision(2))} messages a second`, started);
  return done;
}

/** Progress goes to stderr, because the output may go into a file. */
function progress(what: string, since: number): void {
  console.error(`simulated ${what} in ${((performance.now() - since) / 1_000).toFixed(1)} s`);
}

function print(value: object): void {
  const plain = (_: string, some: unknown) => (some instanceof Map ? Object.fromEntries(some) : some);
  console.log(JSON.stringify(value, plain, 2));
}

function wantedOrExit(): Wanted {
  const given = commandLine(HELP, OPTIONS);
  try {
    return wantedBy(given);
  } catch (error) {
    console.error(`${(error as Error).message}; --help shows the options`);
    process.exit(1);
  }
}
