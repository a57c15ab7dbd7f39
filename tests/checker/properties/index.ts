/** The properties that must hold in every run. Their comments name the guarantees as docs/guarantees.md does. */
import { banning } from "./banning.ts";
import { complete } from "./complete.ts";
import { contiguous } from "./contiguous.ts";
import { deleted } from "./deleted.ts";
import { durable } from "./durable.ts";
import { errors } from "./errors.ts";
import { expiry } from "./expiry.ts";
import { Facts, type Finding, type Outcome } from "./facts.ts";
import { frames } from "./frames.ts";
import { identity } from "./identity.ts";
import { joining } from "./joining.ts";
import { leaving } from "./leaving.ts";
import { ordered } from "./ordered.ts";
import { patience } from "./patience.ts";
import { presence } from "./presence.ts";
import { pushed } from "./pushed.ts";
import { refreshing } from "./refreshing.ts";
import { sendOrder } from "./sendOrder.ts";
import { tidy } from "./tidy.ts";
import { unique } from "./unique.ts";

export type { Finding, Outcome } from "./facts.ts";

const PROPERTIES = {
  durable,
  unique,
  patience,
  ordered,
  contiguous,
  complete,
  identity,
  sendOrder,
  joining,
  pushed,
  leaving,
  banning,
  deleted,
  expiry,
  presence,
  refreshing,
  tidy,
  frames,
  errors,
};

export function violations(outcome: Outcome): Finding[] {
  const facts = new Facts(outcome);
  return Object.entries(PROPERTIES).flatMap(([property, check]) =>
    [...new Set(check(facts))].map((says): Finding => ({ property, says })),
  );
}
