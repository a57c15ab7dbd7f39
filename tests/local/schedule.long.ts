/** Tests EventBridge rules that run functions, with the test's own clock. */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { systemClock } from "../../local/clock.ts";
import type { Cloud } from "../../local/cloud.ts";
import type { Report } from "../../local/report.ts";
import { MODELS } from "../../local/resources/index.ts";
import type { Inputs } from "../../local/resources/model.ts";
import { Rule } from "../../local/schedules/rule.ts";
import { scheduleOf } from "../../local/schedules/scheduleExpression.ts";
import { REGION, startProgram } from "./startProgram.ts";
import { TestClock, WAIT } from "./testClock.ts";

const FOLDER = dirname(fileURLToPath(new URL("./programs/schedule/index.ts", import.meta.url)));
const start = (clock: TestClock, config?: Record<string, string>) =>
  startProgram(FOLDER, "../../../../tsconfig.pulumi.json", clock, config);

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const clock = new TestClock();
let cloud: Cloud;
let reports: Report[];
let stopped: Promise<void> | undefined;

/** Stops the cloud on the first call only: the test of the shutdown calls this before the cleanup does. */
function stop(): Promise<void> {
  stopped ??= cloud.stop();
  return stopped;
}

beforeAll(async () => {
  const started = await start(clock);
  ({ cloud, reports } = started);
  await started.deployed;
});
afterAll(stop);

interface Run {
  requestId: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test says what it expects of an event
  event: any;
}

/** The events that a function has received so far. */
function runsOf(thing: string): Run[] {
  return reports.flatMap((report) => {
    if (report.event !== "log" || report.group !== `/aws/lambda/schedule-dev-${thing}`) return [];
    const [, requestId, , message] = report.line.split("\t");
    return message?.startsWith("{") ? [{ requestId: requestId as string, event: JSON.parse(message).event }] : [];
  });
}

/** Resolves when a function has received this many events. */
async function untilRun(thing: string, times: number): Promise<Run[]> {
  await vi.waitFor(() => expect(runsOf(thing).length).toBeGreaterThanOrEqual(times), WAIT);
  expect(runsOf(thing)).toHaveLength(times);
  return runsOf(thing);
}

function warnings(): string[] {
  return reports.flatMap((report) => (report.event === "warning" ? [report.message] : []));
}

function warningsAbout(rule: string): string[] {
  return warnings().filter((message) => message.startsWith(`the rule ${rule} `));
}

describe("a schedule", () => {
  it("runs its function after the first period and after each further one", async () => {
    clock.advance(MINUTE_MS - 1);
    clock.advance(1);
    await untilRun("minutely", 1);
    for (let minute = 2; minute <= 5; minute++) {
      expect(runsOf("rare")).toEqual([]);
      clock.advance(MINUTE_MS);
      await untilRun("minutely", minute);
    }
    await untilRun("rare", 1);
    expect(runsOf("minutely").map(({ event }) => event.time)).toEqual([
      "2026-01-01T00:01:00Z",
      "2026-01-01T00:02:00Z",
      "2026-01-01T00:03:00Z",
      "2026-01-01T00:04:00Z",
      "2026-01-01T00:05:00Z",
    ]);
  });

  it("gives its function EventBridge's scheduled event", async () => {
    const [first, second] = runsOf("minutely") as [Run, Run];
    expect(first.event).toEqual({
      version: "0",
      id: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
      "detail-type": "Scheduled Event",
      source: "aws.events",
      account: "000000000000",
      time: "2026-01-01T00:01:00Z",
      region: REGION,
      resources: [`arn:aws:events:${REGION}:000000000000:rule/schedule-dev-minutely`],
      detail: {},
    });
    expect(second.event.id).not.toBe(first.event.id);
  });

  it("runs once for all periods that passed while the machine slept, and continues from the last of them", async () => {
    const runs = runsOf("minutely").length;
    clock.advance(55 * MINUTE_MS + 20_000);
    const slept = await untilRun("minutely", runs + 1);
    expect(slept.at(-1)?.event.time).toBe("2026-01-01T01:00:00Z");
    clock.advance(40_000);
    const next = await untilRun("minutely", runs + 2);
    expect(next.at(-1)?.event.time).toBe("2026-01-01T01:01:00Z");
  });

  it("passes the target's input instead of the event, if the target has one", async () => {
    const [{ event }] = (await untilRun("given", 1)) as [Run];
    expect(event).toEqual({ color: "green" });
  });

  it("invokes asynchronously: a failed run is retried with its event", async () => {
    clock.advance(DAY_MS);
    const [first] = (await untilRun("failing", 1)) as [Run];
    await vi.waitFor(() => expect(reports.filter(({ event }) => event === "failure")).toHaveLength(1), WAIT);
    clock.advance(MINUTE_MS);
    expect((await untilRun("failing", 2))[1]).toEqual(first);
  });
});

describe("a rule with a cron expression", () => {
  it("runs its function at the time of day that the expression gives", async () => {
    const [first] = (await untilRun("nightly", 1)) as [Run];
    expect(first.event).toMatchObject({ time: "2026-01-01T03:00:00Z", "detail-type": "Scheduled Event" });
  });
});

describe("a rule that runs nothing", () => {
  it("lacks a permission: the missing permission is reported once", async () => {
    expect(runsOf("unpermitted")).toEqual([]);
    expect(warningsAbout("unpermitted")).toEqual([
      "the rule unpermitted does not run schedule-dev-unpermitted because no lambda.Permission of the function allows " +
        `it; AWS would not report this. What is missing: ${JSON.stringify({
          "aws.lambda.Permission": {
            action: "lambda:InvokeFunction",
            function: "schedule-dev-unpermitted",
            principal: "events.amazonaws.com",
            sourceArn: `arn:aws:events:${REGION}:000000000000:rule/unpermitted`,
          },
        })}`,
    ]);
    expect(reports.filter(({ event }) => event === "denied")).toEqual([]);
  });

  it("has a permission for another rule", () => {
    expect(runsOf("misdirected")).toEqual([]);
    expect(warningsAbout("misdirected")).toHaveLength(1);
    expect(warningsAbout("misdirected")[0]).toContain("rule/misdirected");
  });

  it("is disabled", () => {
    expect(runsOf("disabled")).toEqual([]);
    expect(warningsAbout("disabled")).toEqual([]);
  });

  it("causes no other warnings", () => {
    expect(warnings()).toHaveLength(2);
  });
});

describe("a schedule expression", () => {
  it.each([
    { expression: "rate(1 minute)", ms: MINUTE_MS },
    { expression: "rate(5 minutes)", ms: 5 * MINUTE_MS },
    { expression: "rate(1 hour)", ms: HOUR_MS },
    { expression: "rate(30 days)", ms: 30 * DAY_MS },
  ])("is $expression", async ({ expression, ms }) => {
    expect((await scheduleOf(expression)).next(1_000)).toBe(1_000 + ms);
  });

  // 2026-01-01 is a Thursday. Most of these examples are EventBridge's own.
  it.each([
    { cron: "0 10 * * ? *", runs: ["2026-01-01T10:00", "2026-01-02T10:00"] },
    { cron: "0 18 ? * MON-FRI *", runs: ["2026-01-01T18:00", "2026-01-02T18:00", "2026-01-05T18:00"] },
    { cron: "0 18 ? * 2-6 *", runs: ["2026-01-01T18:00", "2026-01-02T18:00", "2026-01-05T18:00"] },
    { cron: "0 8 1 * ? *", runs: ["2026-01-01T08:00", "2026-02-01T08:00"] },
    { cron: "0/15 * * * ? *", runs: ["2026-01-01T00:15", "2026-01-01T00:30"] },
    { cron: "5,35 14 * * ? *", runs: ["2026-01-01T14:05", "2026-01-01T14:35", "2026-01-02T14:05"] },
    { cron: "0/30 20-2 ? * MON-FRI *", runs: ["2026-01-01T00:30", "2026-01-01T01:00", "2026-01-01T01:30"] },
    { cron: "0 9 ? * 2#1 *", runs: ["2026-01-05T09:00", "2026-02-02T09:00"] },
    { cron: "0 9 ? * 6L *", runs: ["2026-01-30T09:00", "2026-02-27T09:00"] },
    { cron: "0 9 ? * L *", runs: ["2026-01-03T09:00", "2026-01-10T09:00"] },
    { cron: "0 9 L * ? *", runs: ["2026-01-31T09:00", "2026-02-28T09:00"] },
    { cron: "0 9 15W feb,mar ? *", runs: ["2026-02-16T09:00", "2026-03-16T09:00"] },
    { cron: "30 6 29 2 ? 2027-2032", runs: ["2028-02-29T06:30", "2032-02-29T06:30", undefined] },
  ])("is cron($cron), in UTC", async ({ cron, runs }) => {
    const { next } = await scheduleOf(`cron(${cron})`);
    let at: number | undefined = Date.parse("2026-01-01T00:00:00Z");
    for (const run of runs) {
      at = next(at as number);
      expect(at === undefined ? undefined : new Date(at).toISOString().slice(0, 16)).toBe(run);
    }
  });

  it.each([
    "rate(0 minutes)",
    "rate(1 minutes)",
    "rate(5 minute)",
    "rate(-5 minutes)",
    "rate(1.5 hours)",
    "rate(2 fortnights)",
    "rate(5minutes)",
    "every 5 minutes",
    "cron(0 3 * * *)",
    "cron(0 3 * * * *)",
    "cron(0 3 ? * ? *)",
    "cron(60 3 * * ? *)",
    "cron(0 3 ? * SOMEDAY *)",
    "cron(0 3 * * ? * *)",
    "at(2026-01-01T00:00:00)",
  ])("is not %s", async (expression) => {
    const says = "ValidationException: Parameter ScheduleExpression is not valid.";
    await expect(scheduleOf(expression)).rejects.toThrow(says);
  });

  it.each([
    { config: { "schedule:malformed": "rate(1 minutes)" }, says: "Parameter ScheduleExpression is not valid." },
    { config: { "schedule:everyMinutes": "1.5" }, says: 'the schedule "odd" has the interval 1.5 minutes' },
  ])("that is malformed ends the program: $says", async ({ config, says }) => {
    const started = await start(new TestClock(), config);
    await expect(started.deployed).rejects.toThrow("ended with exit code");
    const errors = started.reports.flatMap((report) => (report.event === "error" ? [report.message] : []));
    expect(errors.join("\n")).toContain(says);
    await started.cloud.stop();
  });
});

describe("what EventBridge refuses", () => {
  const [RULE, TARGET] = ["aws:cloudwatch/eventRule:EventRule", "aws:cloudwatch/eventTarget:EventTarget"];
  const arn = `arn:aws:lambda:${REGION}:000000000000:function:schedule-dev-given`;
  const serve = async (type: string, inputs: Inputs) =>
    (await MODELS[type]?.())?.serve?.(
      { urn: "", id: "other", inputs },
      Object.assign(cloud.draft(), { rules: cloud.rules }),
    );

  it.each([
    { type: RULE, inputs: {}, says: "ValidationException: Parameter(s) EventPattern or ScheduleExpression must be" },
    {
      type: RULE,
      inputs: { eventBusName: "own", scheduleExpression: "rate(1 minute)" },
      says: "ValidationException: ScheduleExpression is supported only on the default event bus.",
    },
    {
      type: TARGET,
      inputs: { rule: "nobody", arn },
      says: "ResourceNotFoundException: Rule nobody does not exist on EventBus default.",
    },
    {
      type: TARGET,
      inputs: { rule: "given", arn, targetId: "first", input: "{color: green}" },
      says: "ValidationException: JSON syntax error in input for target first",
    },
  ])("is also an error here: $says", async ({ type, inputs, says }) => {
    await expect(serve(type, inputs)).rejects.toThrow(says);
  });

  it.each([
    {
      inputs: { arn, deadLetterConfig: { arn: `arn:aws:sqs:${REGION}:000000000000:dead` } },
      says: "a target of the rule disabled has deadLetterConfig, which the local cloud does not support",
    },
    {
      inputs: { arn: `arn:aws:sns:${REGION}:000000000000:topic` },
      says: "the rule disabled would invoke arn:aws:sns:eu-central-1:000000000000:topic: the local cloud only supports functions and queues as targets",
    },
  ])("is distinguished from what isn't supported here, which gives a warning: $says", async ({ inputs, says }) => {
    await serve(TARGET, { rule: "disabled", ...inputs });
    expect(warnings().at(-1)).toBe(says);
  });

  it("doesn't include a missing function: on AWS the rule's runs fail silently, and here this is reported once", async () => {
    const gone = arn.replace("given", "gone");
    await serve(TARGET, { rule: "schedule-dev-minutely", arn: gone });
    clock.advance(MINUTE_MS);
    clock.advance(MINUTE_MS);
    expect(warningsAbout("schedule-dev-minutely")).toEqual([
      `the rule schedule-dev-minutely invokes ${gone}, which is not part of this program: nothing runs`,
    ]);
  });
});

describe("a schedule's timer", () => {
  it("may fire a moment early: each period has one run, with the period's time", async () => {
    const early = new TestClock();
    const [began, runs] = [early.now(), [] as number[]];
    const rule = new Rule(
      "early",
      `arn:aws:events:${REGION}:000000000000:rule/early`,
      await scheduleOf("rate(1 minute)"),
    );
    const hasty = { now: () => early.now(), after: (ms: number, run: () => void) => early.after(ms - 1, run) };
    rule.start(hasty, (scheduledAt) => runs.push(scheduledAt - began));
    early.advance(MINUTE_MS - 1);
    early.advance(1);
    expect(runs).toEqual([MINUTE_MS]);
    early.advance(MINUTE_MS);
    expect(runs).toEqual([MINUTE_MS, 2 * MINUTE_MS]);
  });

  it("may be longer than setTimeout can wait", () => {
    vi.useFakeTimers();
    try {
      let called = 0;
      systemClock.after(30 * DAY_MS, () => {
        called += 1;
      });
      vi.advanceTimersByTime(30 * DAY_MS - 1);
      expect(called).toBe(0);
      vi.advanceTimersByTime(1);
      expect(called).toBe(1);
      const takeBack = systemClock.after(30 * DAY_MS, () => {
        called += 1;
      });
      vi.advanceTimersByTime(29 * DAY_MS);
      takeBack();
      vi.advanceTimersByTime(DAY_MS);
      expect(called).toBe(1);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe("the end of the local cloud", () => {
  it("ends the schedules", async () => {
    expect(clock.timers).toBeGreaterThan(0);
    await stop();
    expect(clock.timers).toBe(0);
    const runs = runsOf("minutely").length;
    clock.advance(HOUR_MS);
    expect(runsOf("minutely")).toHaveLength(runs);
  });
});
