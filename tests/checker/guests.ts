/**
 * People who come and go to exercise presence: one person with two devices, each connected for moments and usually gone
 * in the end. properties/presence.ts checks, long after the last visit, what they have left behind.
 */
import type { Dice } from "./chance.ts";
import type { Plan, Step } from "./deeds.ts";

const HOUR_MS = 3_600_000;

const GUESTS = [
  { client: "gus", user: "gus" },
  { client: "gus's phone", user: "gus" },
];

/** Share of the runs in which guests come and presence is watched. It is small: watching takes most of a run's time. */
const WATCHED = 1 / 3;

/** Adds guests to some of the plans, in which presence is then watched. */
export function withGuests(dice: Dice, plan: Plan): Plan {
  // Expired tokens hide people, and a crowd takes too long.
  if (!dice.happens(WATCHED) || plan.crowd > 0 || plan.tokenLifeMs < HOUR_MS) return plan;
  const steps: Step[] = [];
  // Guests don't come before a night, after which everyone has a new connection.
  const end = plan.faultsEndAt - 5_000;
  const begin = Math.max(0, end - 45_000);
  for (const { client } of GUESTS) {
    const visits = dice.integer(2, 6);
    for (let i = 0; i < visits; i++) {
      // Most guests leave while they are still connecting.
      const ms = dice.happens(0.6) ? dice.magnitude(300, 4_000) : dice.magnitude(30, 15_000);
      const at = dice.between(begin, end - ms);
      // A cut that nobody sees is rare: the connection stays open for minutes and hides that the person has left.
      const endsBy = dice.happens(0.05) ? "a cut that nobody sees" : dice.pick(["closing", "a cut"] as const);
      steps.push({ name: `visit-${client.length}-${i + 1}`, at, who: client, deed: { what: "visit", ms, endsBy } });
    }
  }
  return { ...plan, watchesPresence: true, raws: [...plan.raws, ...GUESTS], steps: [...plan.steps, ...steps] };
}
