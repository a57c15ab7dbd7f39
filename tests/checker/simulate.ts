/** One run: a seed's plan in its own world, until faults have stopped and all clients have caught up. */
import { gatherCrowd } from "./actors/crowd.ts";
import type { Machine } from "./actors/machine.ts";
import { Member } from "./actors/member.ts";
import { Raw } from "./actors/raw.ts";
import { appointWarden } from "./actors/warden.ts";
import type { Bundles } from "./bundles.ts";
import { evaluateClient } from "./clientLibrary.ts";
import type { Plan, Step } from "./deeds.ts";
import { EnvironmentPool } from "./functions.ts";
import type { Timed } from "./history.ts";
import { CALM_TEMPO, partOf, planOf } from "./plan.ts";
import type { Presence } from "./properties/facts.ts";
import { type Finding, type Outcome, violations } from "./properties/index.ts";
import type { TableDefinition } from "./store.ts";
import { World } from "./world.ts";

/**
 * Maximum time that clients need to settle after the last fault: a client notices a dead connection at the next ping's
 * timeout, opens another one after the longest pause, and repeats its requests after their timeout and a pause.
 */
const SETTLE_MS = 150_000;

/** Interval at which to check whether anything is left to settle. */
const LOOK_MS = 10_000;

/** After settling, a room is readable within this time. */
const READABLE_MS = 5_000;

/**
 * Times of the scheduled sweeps, counted from the end of the faults. A sweep checks a connection 5 minutes after it was
 * opened, and makes up for a lost announcement after one minute.
 */
const SWEEPS_AT = [160_000, 460_000];

/** Time, counted from the end of the faults, by which the last sweep and its announcements have finished. */
const WATCH_MS = 500_000;

/** The part of a seed's run to repeat: only these steps and faults, by name. */
export interface Part {
  steps?: ReadonlySet<string>;
  faults?: ReadonlySet<string>;
}

export interface Run {
  seed: number;
  plan: Plan;
  hash: string;
  findings: Finding[];
  happenings: Timed[];
  /** Names of the faults that happened. */
  faults: string[];
  /** Number of positions that were claimed. */
  appends: number;
}

/** State that a thread keeps between runs. */
export interface Laboratory {
  pool: EnvironmentPool;
  tables: TableDefinition[];
  client: string;
}

export function laboratoryOf({ functions, tables, client }: Bundles): Laboratory {
  return { pool: new EnvironmentPool(functions), tables, client };
}

export async function simulate(seed: number, laboratory: Laboratory, part: Part = {}): Promise<Run> {
  const run = await simulateOnce(seed, laboratory, part);
  return laboratory.pool.end() ? run : simulate(seed, laboratory, part);
}

async function simulateOnce(seed: number, laboratory: Laboratory, part: Part): Promise<Run> {
  const whole = planOf(seed);
  const plan = part.steps === undefined ? whole : partOf(whole, part.steps);
  const { pool, tables } = laboratory;
  const { tempo, shares } = plan;
  const world = await World.make({ seed, tempo, shares, onlyFaults: part.faults, pool, tables });
  const unhandled = (error: unknown) =>
    world.history.add({
      kind: "unhandled",
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
  process.on("unhandledRejection", unhandled);
  process.on("uncaughtException", unhandled);
  try {
    const outcome = await live(world, plan, laboratory);
    const { happenings } = world.history;
    return {
      seed,
      plan,
      hash: world.history.hash(),
      findings: violations(outcome),
      happenings,
      faults: world.faults.happened,
      appends: world.history.all("handed out").length,
    };
  } finally {
    process.off("unhandledRejection", unhandled);
    process.off("uncaughtException", unhandled);
    await world.end();
  }
}

async function live(world: World, plan: Plan, { client }: Laboratory): Promise<Outcome> {
  const { clock, history, faults } = world;
  const library = evaluateClient(client);
  const { heartbeatMs, tokenLifeMs, rooms } = plan;
  await gatherCrowd(world, plan);
  await appointWarden(world, plan);
  const members = plan.members.map((member) => new Member({ world, library, plan: member, heartbeatMs, tokenLifeMs }));
  const raws = plan.raws.map((raw) => new Raw(world, raw, rooms, tokenLifeMs));
  const actors = new Map<string, Member | Raw>([...members, ...raws].map((actor) => [actor.plan.client, actor]));
  for (const member of members)
    clock.after(world.chance.of("start", member.plan.client).between(0, 500), () => member.start());
  for (const step of plan.steps) clock.after(step.at, () => take(step));

  const take = ({ who, deed, ...rest }: Step): Promise<void> | undefined => {
    if (deed.what === "sweep") return world.store.sweep(clock.now());
    if (deed.what === "night") {
      history.add({ kind: "phase", phase: `night of ${Math.round(deed.ms / 60_000)} minutes` });
      for (const { machine } of actors.values()) {
        // Clients wake at different times: the first one finds the others asleep.
        machine.sleep(deed.ms + world.chance.of("night", machine.client).between(-2_000, 2_000));
      }
      return undefined;
    }
    actors.get(who)?.do({ who, deed, ...rest });
    return undefined;
  };

  await world.runUntil(plan.faultsEndAt);
  history.add({ kind: "phase", phase: "no more faults" });
  faults.end();
  world.tempo = CALM_TEMPO;
  const isSettled = () =>
    members.every((member) => member.isSettled() && member.isOpen()) && !raws.some(({ isBusy }) => isBusy);
  let settledMs = 0;
  while (settledMs < SETTLE_MS && (plan.waitsLong || settledMs === 0 || !isSettled())) {
    settledMs += LOOK_MS;
    await world.runUntil(plan.faultsEndAt + settledMs);
  }
  const unsettled = members.filter((member) => !member.isSettled()).map(({ plan: { client } }) => client);
  history.add({ kind: "phase", phase: "settled" });
  for (const member of members) member.probe();
  const witness = new Raw(world, { client: "witness", user: "witness" }, rooms, tokenLifeMs);
  const read = new Map<string, boolean>();
  for (const room of rooms) void witness.read(room, 100).then((isRead) => read.set(room, isRead));
  await world.runUntil(plan.faultsEndAt + settledMs + READABLE_MS);
  history.add({ kind: "phase", phase: "over" });
  const presence = plan.watchesPresence
    ? await watchPresence(world, plan.faultsEndAt, [...members, ...raws, witness])
    : undefined;
  const unsent = members.flatMap((member) => member.unsent().map((id) => `${id} of ${member.plan.client}`));
  return {
    history,
    plan,
    unsettled,
    unsent,
    presence,
    items: await world.store.items(world.functions.variable("sendMessage", "MESSAGES_TABLE")),
    unread: rooms.filter((room) => !read.get(room)),
  };
}

/** Lets sweeps run until all departures are announced. */
async function watchPresence(world: World, since: number, people: { machine: Machine }[]): Promise<Presence> {
  const { clock, functions, store, gateway, history } = world;
  history.add({ kind: "phase", phase: "nobody does anything, and sweeps run" });
  // All clients sleep, because simulating the frames that they would keep sending takes longer than all the rest.
  for (const { machine } of people) machine.clock.sleep(WATCH_MS);
  for (const [i, at] of SWEEPS_AT.entries()) {
    await world.runUntil(since + at);
    void functions.invoke("sweep", {}, `sweep~${i + 1}`);
  }
  await world.runUntil(since + WATCH_MS);
  return {
    items: await store.items(functions.variable("sendMessage", "CONNECTIONS_TABLE")),
    open: new Set(gateway.all().flatMap(({ isOpen, key }) => (isOpen ? [key] : []))),
    keys: new Map(gateway.all().map(({ id, key }) => [id, key])),
    now: clock.now(),
  };
}
