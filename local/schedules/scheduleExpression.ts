/**
 * Schedule expressions of EventBridge's rules.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
 */

export interface Schedule {
  /** The expression as written. */
  expression: string;
  /** The time of the next run after a given time, both in milliseconds since 1970; undefined if there is none. */
  next(after: number): number | undefined;
}

const UNIT_MS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/**
 * Reads `rate(5 minutes)` or `cron(0 3 * * ? *)`.
 *
 * @throws Error with EventBridge's message if it is neither
 */
export async function scheduleOf(expression: string): Promise<Schedule> {
  const invalid = () => new Error("ValidationException: Parameter ScheduleExpression is not valid.");
  const [, cron] = /^cron\((.+)\)$/.exec(expression) ?? [];
  if (cron !== undefined) {
    const { cronSchedule } = await import("./cronSchedule.ts");
    try {
      return { expression, next: cronSchedule(cron) };
    } catch {
      throw invalid();
    }
  }
  const rate = /^rate\((\d+)\s+(minute|hour|day)(s?)\)$/.exec(expression);
  const [count, unit, plural] = [Number(rate?.[1]), rate?.[2] as keyof typeof UNIT_MS, rate?.[3] === "s"];
  // EventBridge accepts "1 minute" and "2 minutes", but not "1 minutes".
  if (rate === null || count < 1 || plural !== count > 1) throw invalid();
  return { expression, next: (after) => after + count * UNIT_MS[unit] };
}
