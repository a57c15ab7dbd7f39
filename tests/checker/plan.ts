/** Plans what clients do in a run, and when. A plan is generated from the seed, and shrunk by leaving steps out. */
import { Chance, type Dice } from "./chance.ts";
import type { Cut, MemberDeed, MemberPlan, Plan, RawDeed, Step } from "./deeds.ts";
import { sharesOf } from "./faults.ts";
import { withGuests } from "./guests.ts";
import type { Tempo } from "./tempo.ts";

const HOUR = 3_600_000;

const CALM: Tempo = { callMs: [1, 8], invokeMs: [1, 20], lineMs: [5, 60] };
const TEMPI: Tempo[] = [
  CALM,
  { callMs: [1, 60], invokeMs: [1, 100], lineMs: [5, 100] },
  // Here, calls can take so long that any call can overtake any other.
  { callMs: [1, 700], invokeMs: [1, 1_000], lineMs: [5, 300] },
];
export const CALM_TEMPO = CALM;

const MEMBERS = [
  { client: "anna", user: "anna" },
  { client: "ben", user: "ben" },
  { client: "anna's phone", user: "anna" },
  { client: "cleo", user: "cleo" },
];
const RAWS = [
  { client: "dora", user: "dora" },
  { client: "emil", user: "emil" },
];

/** Moderator of all rooms. */
export const WARDEN = { client: "warden", user: "warden" };

/** One seed in this many has a room with more members than one function posts to. */
const CROWDED = 40;

export function planOf(seed: number): Plan {
  const dice = new Chance(seed).of("plan");
  const usual = dice.happens(1 / CROWDED) ? crowdedPlan(dice) : withBans(new Chance(seed).of("bans"), usualPlan(dice));
  const clocked = withWrongClocks(new Chance(seed).of("clocks"), usual);
  const { steps, ...rest } = withGuests(new Chance(seed).of("guests"), clocked);
  return { ...rest, steps: steps.sort((a, b) => a.at - b.at) };
}

/** A plan with only the steps of these names. If its night is left out, the steps after the night follow at once. */
export function partOf(plan: Plan, names: ReadonlySet<string>): Plan {
  const night = plan.steps.find(({ deed }) => deed.what === "night");
  const steps = plan.steps.filter(({ name }) => names.has(name));
  if (night?.deed.what !== "night" || names.has(night.name)) return { ...plan, steps };
  const { ms } = night.deed;
  const earlier = steps.map((step) => (step.at > night.at ? { ...step, at: Math.max(night.at, step.at - ms) } : step));
  return { ...plan, steps: earlier, faultsEndAt: plan.faultsEndAt - ms };
}

function usualPlan(dice: Dice): Plan {
  // Most runs have few steps: a failure seldom needs more, and 20 steps take a tenth of the time that 200 take.
  const sends = 20 + Math.floor(181 * dice.next() ** 20);
  const lengthMs = dice.between(6_000, 45_000);
  const rooms = dice.happens(0.4) ? ["lobby", "tea"] : ["lobby"];
  const members = MEMBERS.slice(0, dice.pick([2, 2, 3, 3, 4])).map((member) => ({
    ...member,
    rooms: dice.happens(0.8) ? rooms : rooms.slice(-1),
    fromTheStart: dice.happens(0.7),
    clockAheadMs: 0,
  }));
  const raws = RAWS.slice(0, dice.pick([1, 1, 2]));
  /** Share of the texts that are so long that a page holds only a few. */
  const longTexts = dice.happens(0.1) ? 0.4 : 0.03;
  const steps: Step[] = [];
  const add = (who: string, at: number, deed: Step["deed"]) => {
    steps.push({ name: `${who.replaceAll(/[^a-z]/g, "").slice(0, 5)}-${steps.length + 1}`, at, who, deed });
  };
  while (steps.length < sends) {
    const at = dice.between(200, lengthMs);
    if (dice.happens(0.35)) addRawSend(dice, add, dice.pick(raws).client, at, dice.pick(rooms), longTexts);
    else addBurst(dice, add, dice.pick(members), at, longTexts);
  }
  const disturbances = dice.integer(0, 8);
  for (let i = 0; i < disturbances; i++) {
    const at = dice.between(0, lengthMs);
    if (dice.happens(0.7)) add(dice.pick(members).client, at, memberDisturbance(dice, rooms));
    else add(dice.pick(raws).client, at, rawDisturbance(dice, rooms));
  }
  for (let i = 0; i < 2; i++) add(dice.pick(raws).client, dice.between(1_000, lengthMs), readOf(dice, rooms));
  const nightMs = dice.happens(0.15) ? dice.pick([0.4, 2.05, 25, 25, 73]) * HOUR * dice.between(0.95, 1.1) : 0;
  if (nightMs > 0) addNight(dice, add, steps, nightMs, lengthMs, { members, raws });
  return {
    rooms,
    members,
    raws,
    steps,
    crowd: 0,
    tempo: dice.pick(TEMPI),
    shares: sharesOf(dice),
    heartbeatMs: dice.pick([15_000, 30_000]),
    waitsLong: dice.happens(0.15),
    watchesPresence: false,
    tokenLifeMs: dice.happens(0.1) ? dice.between(6_000, 60_000) : 8 * HOUR,
    // Faults go on for a while after the last step begins, because steps take time.
    faultsEndAt: lengthMs + nightMs + 15_000,
  };
}

/** In some plans, a moderator who does nothing else bans each raw client once, for a while. */
function withBans(dice: Dice, plan: Plan): Plan {
  if (!dice.happens(0.3)) return plan;
  const bans = plan.raws.map(
    ({ client, user }): Step => ({
      name: `ban-${client}`,
      at: dice.between(1_000, 30_000),
      who: WARDEN.client,
      deed: { what: "ban", room: dice.pick(plan.rooms), user, ms: dice.magnitude(100, 10_000) },
    }),
  );
  return { ...plan, raws: [...plan.raws, WARDEN], steps: [...plan.steps, ...bans] };
}

/** In some plans, machines have a wrong clock. That matters for tokens, so tokens then mostly expire during the run. */
function withWrongClocks(dice: Dice, plan: Plan): Plan {
  if (!dice.happens(0.3)) return plan;
  const members = plan.members.map((member) => ({
    ...member,
    clockAheadMs: dice.happens(0.3)
      ? 0
      : Math.round(dice.magnitude(10_000, 400 * 24 * HOUR) * (dice.happens(0.5) ? 1 : -1)),
  }));
  return { ...plan, members, tokenLifeMs: dice.happens(0.7) ? dice.between(20_000, 60_000) : plan.tokenLifeMs };
}

/** Plans only a few messages, because each one costs hundreds of posts. */
function crowdedPlan(dice: Dice): Plan {
  const rooms = ["stadium"];
  const members = MEMBERS.slice(0, 3).map((member) => ({ ...member, rooms, fromTheStart: true, clockAheadMs: 0 }));
  const steps = Array.from(
    { length: 5 },
    (_, i): Step => ({
      name: `crowd-${i + 1}`,
      at: dice.between(2_000, 12_000),
      who: dice.pick(members).client,
      deed: { what: "send", room: "stadium", bytes: 20 },
    }),
  );
  return {
    rooms,
    members,
    raws: RAWS.slice(0, 1),
    steps,
    crowd: dice.integer(420, 460),
    tempo: dice.pick(TEMPI),
    shares: sharesOf(dice),
    heartbeatMs: 15_000,
    waitsLong: false,
    watchesPresence: false,
    tokenLifeMs: 8 * HOUR,
    faultsEndAt: 20_000,
  };
}

type Add = (who: string, at: number, deed: Step["deed"]) => void;

/** Adds several sends in a row, or other things that a person does with messages. */
function addBurst(dice: Dice, add: Add, { client, rooms }: MemberPlan, at: number, longTexts = 0): void {
  const room = dice.pick(rooms);
  const count = dice.pick([1, 1, 2, 3, 5]);
  for (let i = 0; i < count; i++) {
    const what = dice.pick(["send", "send", "send", "send", "send", "edit", "delete", "react"] as const);
    add(client, at + i, what === "send" ? { what, room, bytes: bytesOf(dice, longTexts) } : { what, room });
  }
}

function bytesOf(dice: Dice, longTexts: number): number {
  return dice.happens(longTexts) ? 8_000 : dice.integer(10, 60);
}

function addRawSend(dice: Dice, add: Add, client: string, at: number, room: string, longTexts: number): void {
  const marks = dice.pick(["right", "right", "never", "always"] as const);
  const connections = dice.integer(1, 2);
  const what = dice.next();
  if (what < 0.55) add(client, at, { what: "insist", room, bytes: bytesOf(dice, longTexts), marks, connections });
  else if (what < 0.75)
    add(client, at, {
      what: "take back",
      room,
      edits: dice.integer(1, 3),
      marks,
      spreadMs: dice.magnitude(1, 3_000),
      insists: dice.happens(0.5),
    });
  else if (what < 0.92)
    add(client, at, { what: "conflict", room, marks, connections, pauseMs: dice.magnitude(1, 3_000) });
  else add(client, at, { what: "type by hand", text: dice.pick(HAND_TYPED) });
}

const HAND_TYPED = [
  '{"action":"sendMessage","text":"hi"}',
  '{"action":"sendMessage","text":"who am I?","user":{"id":"cleo"},"sentAt":1,"seq":1}',
  '{"action":"sendMessage","text":""}',
  '{"action":"sendMessage","room":"nowhere","text":"hi"}',
  '{"action":"dance"}',
  "not JSON",
  '{"action":"listRooms","id":"list"}',
  '{"action":"editMessage","id":"nothing","target":9999,"text":"x"}',
];

function readOf(dice: Dice, rooms: string[]): RawDeed {
  return { what: "read", room: dice.pick(rooms), limit: dice.pick([4, 100, 100]) };
}

function memberDisturbance(dice: Dice, rooms: string[]): MemberDeed {
  const room = dice.pick(rooms);
  const what = dice.pick([
    "sleep",
    "offline",
    "reload",
    "reload",
    "leave",
    "cut",
    "cut",
    "history",
    "typing",
    "markRead",
    "members",
  ] as const);
  switch (what) {
    case "sleep":
      return { what, ms: dice.magnitude(500, 15_000) };
    case "offline":
      return { what, ms: dice.magnitude(100, 10_000) };
    case "reload":
      return { what, ms: dice.magnitude(10, 8_000), isCrash: dice.happens(0.7) };
    case "leave":
      return { what, room, ms: dice.magnitude(10, 8_000) };
    case "cut":
      return cutOf(dice);
    case "history":
      return { what, room, limit: dice.integer(1, 100) };
    default:
      return { what, room };
  }
}

function rawDisturbance(dice: Dice, rooms: string[]): RawDeed {
  const what = dice.pick(["cut", "come and go", "refresh"] as const);
  if (what === "cut") return cutOf(dice);
  return what === "refresh" ? { what } : { what, room: dice.pick(rooms), ms: dice.magnitude(100, 5_000) };
}

/** Draws when each side notices a broken line: soon, late, or never. */
function cutOf(dice: Dice): Cut {
  const notice = () => (dice.happens(0.25) ? undefined : dice.magnitude(1, 5_000));
  return { what: "cut", byClientMs: notice(), byGatewayMs: notice() };
}

/** Makes everyone sleep in the middle of the run; afterward, the raw clients resend earlier messages. */
function addNight(
  dice: Dice,
  add: Add,
  steps: Step[],
  nightMs: number,
  lengthMs: number,
  { members, raws }: Pick<Plan, "members" | "raws">,
): void {
  const at = dice.between(lengthMs * 0.2, lengthMs * 0.8);
  for (const step of steps) if (step.at > at) step.at += nightMs;
  // A message that is sent just before its machine falls asleep may or may not arrive.
  for (const member of members) addBurst(dice, add, member, at - dice.magnitude(1, 300));
  for (const { client } of raws) {
    const afterMs = nightMs + dice.between(1_000, 5_000);
    add(client, at - dice.between(0, 3_000), {
      what: "send again",
      room: "lobby",
      afterMs,
      marks: dice.pick(["right", "never"]),
    });
  }
  add("world", at, { what: "night", ms: nightMs });
  if (dice.happens(0.5)) add("world", at + nightMs * 0.99, { what: "sweep" });
}
