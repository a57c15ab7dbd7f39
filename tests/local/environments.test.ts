/** How many execution environments a function gets, and how long they are kept. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  Capacity,
  type EnvironmentOwner,
  MAX_ENVIRONMENTS_OF_FUNCTION,
  MAX_STARTING,
} from "../../local/functions/capacity.ts";
import type { ExecutionEnvironment } from "../../local/functions/environment.ts";
import { Environments, MAX_IDLE_MS, MAX_LAST_IDLE_MS } from "../../local/functions/environments.ts";

const OWNER: EnvironmentOwner = { oldestIdle: undefined, endOldestIdle: () => {} };

beforeEach(() => void vi.useFakeTimers({ toFake: ["performance", "setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

function start(capacity = new Capacity(() => {})): Environments {
  const make = () =>
    ({ startedAt: performance.now(), started: Promise.resolve(), end: async () => {} }) as ExecutionEnvironment;
  return new Environments(OWNER, capacity, make);
}

/** Takes environments, as events that wait do, until there are none. */
async function takeAll(environments: Environments): Promise<ExecutionEnvironment[]> {
  const taken: ExecutionEnvironment[] = [];
  for (let one = await waitAndTake(environments); one !== undefined; one = await waitAndTake(environments)) {
    taken.push(one);
  }
  return taken;
}

/** Takes an environment, which may have to start first. */
async function waitAndTake(environments: Environments): Promise<ExecutionEnvironment | undefined> {
  const idle = environments.take();
  if (idle !== undefined) return idle;
  await Promise.resolve();
  return environments.take();
}

/** Ends an event, so that the next one finds its environment. */
function release(environments: Environments, environment: ExecutionEnvironment | undefined): void {
  environments.release(environment as ExecutionEnvironment);
}

test("a function gets environments up to its maximum, and later events reuse them", async () => {
  const environments = start();
  const first = await takeAll(environments);
  expect(first.length).toBe(MAX_ENVIRONMENTS_OF_FUNCTION);
  for (const environment of first) release(environments, environment);
  expect(new Set(await takeAll(environments))).toEqual(new Set(first));
});

test("an environment that stays idle ends; a function's last environment ends later than its others", async () => {
  const environments = start();
  const all = await takeAll(environments);
  for (const environment of all) release(environments, environment);
  vi.advanceTimersByTime(MAX_IDLE_MS - 1);
  expect(environments.size).toBe(all.length);
  vi.advanceTimersByTime(1);
  expect(environments.size).toBe(1);
  vi.advanceTimersByTime(MAX_LAST_IDLE_MS - MAX_IDLE_MS - 1);
  expect(environments.size).toBe(1);
  vi.advanceTimersByTime(1);
  expect(environments.size).toBe(0);
});

test("when an environment is used again, its idle time starts over", async () => {
  const environments = start();
  release(environments, await waitAndTake(environments));
  vi.advanceTimersByTime(MAX_LAST_IDLE_MS - 1);
  release(environments, environments.take());
  vi.advanceTimersByTime(MAX_LAST_IDLE_MS - 1);
  expect(environments.size).toBe(1);
});

test("an event runs in the environment that is free first, not in the one that it started", async () => {
  const environments = start();
  const first = await waitAndTake(environments);
  expect(environments.take()).toBeUndefined();
  expect(environments.size).toBe(2);
  release(environments, first);
  expect(environments.take()).toBe(first);
});

test("few environments start at once, of one function and of all together", async () => {
  const run = vi.fn();
  const capacity = new Capacity(run);
  const all = Array.from({ length: MAX_STARTING + 1 }, () => start(capacity));
  for (const environments of all) for (let i = 0; i < 3; i++) expect(environments.take()).toBeUndefined();
  expect(all.map(({ size }) => size)).toEqual([...all.slice(1).map(() => 1), 0]);
  await Promise.resolve();
  expect(run).toHaveBeenCalledTimes(MAX_STARTING);
  expect(await waitAndTake(all.at(-1) as Environments)).toBeDefined();
});
