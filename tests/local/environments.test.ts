/** Tests how many execution environments a function gets, and how long they are kept. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  Capacity,
  type EnvironmentOwner,
  MAX_ENVIRONMENTS_OF_FUNCTION,
  MAX_STARTING,
  SHORT_START_MS,
} from "../../local/functions/capacity.ts";
import type { ExecutionEnvironment } from "../../local/functions/environment.ts";
import { Environments, MAX_IDLE_MS, MAX_LAST_IDLE_MS } from "../../local/functions/environments.ts";

const OWNER: EnvironmentOwner = { oldestIdle: undefined, endOldestIdle: () => {} };

beforeEach(() => void vi.useFakeTimers({ toFake: ["performance", "setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

function start(capacity = new Capacity(() => {})): Environments {
  const make = () =>
    ({
      startedAt: performance.now(),
      hasWorked: false,
      started: Promise.resolve(),
      end: async () => {},
    }) as ExecutionEnvironment;
  return new Environments(OWNER, capacity, make);
}

/** Takes environments, as waiting events do, until no more are available. */
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

/** Creates another function, which has one busy environment; further ones keep starting until `finish` is called. */
async function startSlowly(capacity: Capacity): Promise<{ environments: Environments; finish: () => void }> {
  let started = Promise.resolve();
  const make = () =>
    ({ startedAt: performance.now(), hasWorked: false, started, end: async () => {} }) as ExecutionEnvironment;
  const environments = new Environments(OWNER, capacity, make);
  await waitAndTake(environments);
  const { promise, resolve } = Promise.withResolvers<void>();
  started = promise;
  return { environments, finish: resolve };
}

test("few environments start at once, but a function's first one starts in any case", async () => {
  const run = vi.fn();
  const capacity = new Capacity(run);
  const all = await Promise.all(Array.from({ length: MAX_STARTING + 1 }, () => startSlowly(capacity)));
  for (const { environments } of all) for (let i = 0; i < 3; i++) environments.take();
  expect(all.map(({ environments }) => environments.size)).toEqual([...all.slice(1).map(() => 2), 1]);
  expect(await waitAndTake(start(capacity))).toBeDefined();
  run.mockClear();
  all[0]?.finish();
  await vi.waitFor(() => expect(run).toHaveBeenCalled());
  all.at(-1)?.environments.take();
  expect(all.at(-1)?.environments.size).toBe(2);
});

test("a start that takes long lets others start, of the same function, too", async () => {
  const capacity = new Capacity(() => {});
  const all = await Promise.all(Array.from({ length: MAX_STARTING + 1 }, () => startSlowly(capacity)));
  for (const { environments } of all) environments.take();
  vi.advanceTimersByTime(SHORT_START_MS);
  all.at(-1)?.environments.take();
  expect(all.at(-1)?.environments.size).toBe(2);
  vi.advanceTimersByTime(SHORT_START_MS);
  all[0]?.environments.take();
  expect(all[0]?.environments.size).toBe(3);
  expect(all[0]?.environments.busy).toBe(1);
});

test("an event prefers an environment that has worked to one that has only started", async () => {
  const environments = start();
  const first = await waitAndTake(environments);
  environments.take();
  release(environments, first);
  vi.advanceTimersByTime(1);
  await Promise.resolve();
  expect(environments.busy).toBe(0);
  expect(environments.take()).toBe(first);
});

test("new code doesn't wait for an environment that is still starting with the old code", async () => {
  const { environments, finish } = await startSlowly(new Capacity(() => {}));
  environments.take();
  expect(environments.size).toBe(2);
  environments.retire();
  expect([environments.size, environments.starting, environments.busy]).toEqual([1, 0, 1]);
  environments.take();
  expect([environments.size, environments.starting, environments.busy]).toEqual([2, 1, 1]);
  finish();
});
