/** How many execution environments a function gets, and how long they are kept. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Capacity, type EnvironmentOwner, MAX_ENVIRONMENTS_OF_FUNCTION } from "../../local/functions/capacity.ts";
import type { ExecutionEnvironment } from "../../local/functions/environment.ts";
import { Environments, MAX_IDLE_MS, MAX_LAST_IDLE_MS } from "../../local/functions/environments.ts";

const OWNER: EnvironmentOwner = { oldestIdle: undefined, endOldestIdle: () => {} };

beforeEach(() => void vi.useFakeTimers({ toFake: ["performance", "setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

function start(): Environments {
  const make = () => ({ startedAt: performance.now(), end: async () => {} }) as ExecutionEnvironment;
  return new Environments(OWNER, new Capacity(() => {}), make);
}

/** Takes environments until there are none. */
function takeAll(environments: Environments): ExecutionEnvironment[] {
  const taken: ExecutionEnvironment[] = [];
  for (let one = environments.take(); one !== undefined; one = environments.take()) taken.push(one);
  return taken;
}

test("a function gets environments up to its maximum, and later events reuse them", () => {
  const environments = start();
  const first = takeAll(environments);
  expect(first.length).toBe(MAX_ENVIRONMENTS_OF_FUNCTION);
  for (const environment of first) environments.release(environment);
  expect(new Set(takeAll(environments))).toEqual(new Set(first));
});

test("an environment that stays idle ends; a function's last environment ends later than its others", () => {
  const environments = start();
  const all = takeAll(environments);
  for (const environment of all) environments.release(environment);
  vi.advanceTimersByTime(MAX_IDLE_MS - 1);
  expect(environments.size).toBe(all.length);
  vi.advanceTimersByTime(1);
  expect(environments.size).toBe(1);
  vi.advanceTimersByTime(MAX_LAST_IDLE_MS - MAX_IDLE_MS - 1);
  expect(environments.size).toBe(1);
  vi.advanceTimersByTime(1);
  expect(environments.size).toBe(0);
});

test("when an environment is used again, its idle time starts over", () => {
  const environments = start();
  environments.release(environments.take() as ExecutionEnvironment);
  vi.advanceTimersByTime(MAX_LAST_IDLE_MS - 1);
  environments.release(environments.take() as ExecutionEnvironment);
  vi.advanceTimersByTime(MAX_LAST_IDLE_MS - 1);
  expect(environments.size).toBe(1);
});
