import { randomUUID } from "node:crypto";
import type { Rule } from "./rule.ts";

/**
 * https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-scheduled.html
 *
 * @param scheduledAt milliseconds since 1970
 */
export function scheduledEvent(rule: Rule, scheduledAt: number, place: { accountId: string; region: string }): object {
  return {
    version: "0",
    id: randomUUID(),
    "detail-type": "Scheduled Event",
    source: "aws.events",
    account: place.accountId,
    time: `${new Date(scheduledAt).toISOString().slice(0, "2026-01-01T00:00:00".length)}Z`,
    region: place.region,
    resources: [rule.arn],
    detail: {},
  };
}
