/**
 * Tests which waiting event runs next: only a few short events run at once, and clients take turns across all
 * functions.
 */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { ExecutionEnvironment } from "../../local/functions/environment.ts";
import {
  type EventQueue,
  MAX_SHORT_EVENTS,
  Scheduler,
  SERVICE,
  SHORT_FIRST_MS,
  SHORT_MS,
} from "../../local/functions/scheduler.ts";
import { WaitingEvents } from "../../local/functions/waitingEvents.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["performance", "setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

interface Running {
  event: string;
  environment: ExecutionEnvironment;
}

/** A scheduler whose functions have any number of environments, and the events that it has started. */
class Machine {
  readonly scheduler = new Scheduler();
  readonly running: Running[] = [];
  /** Functions that can't get another environment at the moment. */
  readonly full = new Set<string>();
  readonly reports: string[] = [];
  hasWorked = true;
  readonly #queues = new Map<string, { events: WaitingEvents<string>; queue: EventQueue }>();

  send(target: string, sender: string, event: string): void {
    const { events, queue } = this.#queues.get(target) ?? this.#function(target);
    events.push(sender, event);
    this.scheduler.add(queue);
  }

  get events(): string[] {
    return this.running.map(({ event }) => event);
  }

  /** Ends the event that has run longest. */
  end(): void {
    this.scheduler.ended((this.running.shift() as Running).environment);
  }

  #function(target: string) {
    const { running, full, reports } = this;
    const events = new WaitingEvents<string>();
    const queue: EventQueue = {
      get nextSender() {
        return events.nextSender;
      },
      runNext: () => {
        if (full.has(target)) return undefined;
        const environment = { busySince: performance.now(), hasWorked: this.hasWorked } as ExecutionEnvironment;
        running.push({ event: events.shift() as string, environment });
        return environment;
      },
      reportWaiting: () => void reports.push(target),
    };
    const added = { events, queue };
    this.#queues.set(target, added);
    return added;
  }
}

function fill(machine: Machine): void {
  for (let i = 0; i < MAX_SHORT_EVENTS; i++) machine.send("f", "noisy", `fills ${i}`);
}

test("no more short events run at once than there are cores", () => {
  const machine = new Machine();
  fill(machine);
  machine.send("f", "noisy", "next");
  machine.send("g", "calm", "other");
  expect(machine.running.length).toBe(MAX_SHORT_EVENTS);
  machine.end();
  machine.end();
  expect(machine.events.slice(-2)).toEqual(["other", "next"]);
});

test("an event that takes long leaves its core to another; the first one in an environment may take longer", () => {
  for (const hasWorked of [true, false]) {
    const machine = new Machine();
    machine.hasWorked = hasWorked;
    fill(machine);
    machine.send("f", "noisy", "next");
    vi.advanceTimersByTime((hasWorked ? SHORT_MS : SHORT_FIRST_MS) - 1);
    expect(machine.events).not.toContain("next");
    vi.advanceTimersByTime(50);
    expect(machine.events).toContain("next");
  }
});

test("a sender's flood of one function delays another sender's event to another function by one turn", () => {
  const machine = new Machine();
  fill(machine);
  for (let i = 0; i < 1_000; i++) machine.send("f", "noisy", `noise ${i}`);
  machine.send("g", "calm", "hello");
  machine.end();
  expect(machine.events).toContain("hello");
  machine.send("g", "calm", "again");
  machine.end();
  expect(machine.events.at(-1)).toBe("noise 0");
  machine.end();
  expect(machine.events.at(-1)).toBe("again");
});

test("events of AWS services run beside those of clients, up to the same number for each function", () => {
  const machine = new Machine();
  fill(machine);
  for (const target of ["g", "h"]) {
    for (let i = 0; i <= MAX_SHORT_EVENTS; i++) machine.send(target, SERVICE, `${target} ${i}`);
  }
  expect(machine.running.length).toBe(3 * MAX_SHORT_EVENTS);
  for (let i = 0; i < MAX_SHORT_EVENTS; i++) machine.end();
  machine.send("f", "calm", "client's");
  machine.end();
  expect(machine.events.slice(-2)).toEqual(["client's", `g ${MAX_SHORT_EVENTS}`]);
});

test("an event whose function has no environment lets others run, and runs when there is one", () => {
  const machine = new Machine();
  machine.full.add("g");
  machine.send("g", "calm", "stuck");
  machine.send("f", "noisy", "runs");
  expect(machine.events).toEqual(["runs"]);
  machine.full.delete("g");
  machine.scheduler.run();
  expect(machine.events).toEqual(["runs", "stuck"]);
});

test("a function is told repeatedly that its events are waiting, until they have run", () => {
  const machine = new Machine();
  machine.full.add("f");
  machine.send("f", "calm", "stuck");
  vi.advanceTimersByTime(200);
  expect(machine.reports.length).toBeGreaterThan(2);
  machine.full.delete("f");
  vi.advanceTimersByTime(50);
  const told = machine.reports.length;
  vi.advanceTimersByTime(1_000);
  expect(machine.reports.length).toBe(told);
  expect(machine.events).toEqual(["stuck"]);
});
