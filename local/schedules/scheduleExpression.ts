/**
 * Schedule expressions of EventBridge's rules.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
 */

const UNIT_MS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/**
 * The milliseconds between two runs: 300,000 for `rate(5 minutes)`.
 *
 * @returns undefined for `cron(…)`, which has no such period
 * @throws Error as EventBridge says it when it is neither
 */
export function periodOf(expression: string): number | undefined {
  if (/^cron\((\S+\s+){5}\S+\)$/.test(expression)) return undefined;
  const rate = /^rate\((\d+)\s+(minute|hour|day)(s?)\)$/.exec(expression);
  const [count, unit, plural] = [Number(rate?.[1]), rate?.[2] as keyof typeof UNIT_MS, rate?.[3] === "s"];
  // Of one the unit is singular, of more it is plural.
  if (rate === null || count < 1 || plural !== count > 1) {
    throw new Error("ValidationException: Parameter ScheduleExpression is not valid.");
  }
  return count * UNIT_MS[unit];
}
