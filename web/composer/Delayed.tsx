import type { OutgoingSnapshot } from "@serverless-chat/react";
import { useEffect, useState } from "preact/hooks";
import { t } from "../language/index.ts";

/** Codes of errors that aren't shown here: the connection's state shows them, or the client resolves them by itself. */
const CONNECTION = new Set(["CONNECTION_LOST", "NOT_CONNECTED", "TIMEOUT", "TOKEN_EXPIRED", "NOT_A_MEMBER"]);

/** Says why messages are waiting, and for how many more seconds. */
export function Delayed({ outgoing }: { outgoing: readonly OutgoingSnapshot[] }) {
  const delay = outgoing.find((append) => append.delay !== undefined)?.delay;
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (delay === undefined) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, [delay]);
  if (delay === undefined || CONNECTION.has(delay.cause.code)) return null;
  const seconds = Math.max(1, Math.ceil((delay.until - now) / 1_000));
  return (
    <p class="refusal" role="status">
      {delay.cause.code === "RATE_LIMITED" ? t.refusals.rateLimited(seconds) : t.refusals.delayed(seconds)}
    </p>
  );
}
