/**
 * People who come and go for presence's sake: one person with two devices, of which each is there for moments, and in
 * the end most often neither. What they leave behind is looked at long after (properties/presence.ts).
 */
import type { Dice } from "./chance.ts";
import type { Plan, Step } from "./deeds.ts";

const HOUR_MS = 3_600_000;

const GUESTS = [
  { client: "gus", user: "gus" },
  { client: "gus's phone", user: "gus" },
];

/** One run in so many is looked at so long: most of the time in it is spent on nothing else. */
const WATCHED = 1 / 3;

/** Adds guests to some of the plans, whose presence is then watched. */
export function withGuests(dice: Dice, plan: Plan): Plan {
  // An expired token hides people, and a crowd takes long.
  if (!dice.happens(WATCHED) || plan.crowd > 0 || plan.tokenLifeMs < HOUR_MS) return plan;
  const steps: Step[] = [];
  // Not before a night: after it everybody's connection is a new one.
  const end = plan.faultsEndAt - 5_000;
  const begin = Math.max(0, end - 45_000);
  for (const { client } of GUESTS) {
    const visits = dice.integer(2, 6);
    for (let i = 0; i < visits; i++) {
      // Most go while they are being let in.
      const ms = dice.happens(0.6) ? dice.magnitude(300, 4_000) : dice.magnitude(30, 15_000);
      const at = dice.between(begin, end - ms);
      // A connection that nobody uses stays open for minutes and hides that the person has left.
      const endsBy = dice.happens(0.05) ? "a cut that nobody sees" : dice.pick(["closing", "a cut"] as const);
      steps.push({ name: `visit-${client.length}-${i + 1}`, at, who: client, deed: { what: "visit", ms, endsBy } });
    }
  }
  return { ...plan, watchesPresence: true, raws: [...plan.raws, ...GUESTS], steps: [...plan.steps, ...steps] };
}
