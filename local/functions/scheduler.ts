/**
 * Decides which waiting event runs next. On AWS every event gets an environment of its own, and nobody notices how many
 * events others cause. Here all functions share a few cores. So clients take turns across all functions, and only as
 * many of their short events run at once as there are cores: a flood by one client delays another's event by the few
 * that are already running. Events that AWS services send, for example by invoking a function for another one, don't
 * take turns. Each function may run as many short events as there are cores.
 */
import { availableParallelism } from "node:os";
import type { ExecutionEnvironment } from "./environment.ts";

/** Maximum number of short events that run at once: of all clients together, and of each function. */
export const MAX_SHORT_EVENTS = Math.max(2, availableParallelism());

/** An event counts as short until it has taken this long. After that, it mostly waits and leaves its core to others. */
export const SHORT_MS = 100;

/** The same limit for the first event of an environment, whose code is compiled only then. */
export const SHORT_FIRST_MS = 300;

/** Pause before the scheduler checks again whether the running events have turned out to be long. */
const AGAIN_MS = 25;

/** Stands for the sender if an event comes from an AWS service instead of a client. */
export const SERVICE = "";

/** The waiting events of one function. */
export interface EventQueue {
  /** The client that sent its next event, or {@link SERVICE}; undefined if no event is waiting. */
  readonly nextSender: string | undefined;
  /** Runs the next event. Returns undefined if the function can't get an environment now. */
  runNext(): ExecutionEnvironment | undefined;
  /** Called repeatedly while events are waiting. */
  reportWaiting(): void;
}

interface Running {
  queue: EventQueue;
  sender: string;
}

export class Scheduler {
  readonly #waiting = new Set<EventQueue>();
  readonly #running = new Map<ExecutionEnvironment, Running>();
  /** Number of each client's last turn since the machine was last idle. */
  readonly #turns = new Map<string, number>();
  #turn = 0;
  #again: NodeJS.Timeout | undefined;

  /** Runs an event that has been added to this queue, or lets it wait for its turn. */
  add(queue: EventQueue): void {
    this.#waiting.add(queue);
    this.run();
  }

  /** Removes the queue of a function that has ended. */
  remove(queue: EventQueue): void {
    this.#waiting.delete(queue);
  }

  /** Called when an environment's event has ended. */
  ended(environment: ExecutionEnvironment): void {
    this.#running.delete(environment);
    this.run();
  }

  /** Runs waiting events while there is room. */
  run(): void {
    while (this.#runNext()) {
      // Runs one event after the other until none may run now.
    }
    if (this.#waiting.size === 0) {
      if (this.#running.size === 0) this.#turns.clear();
      return;
    }
    this.#again ??= setTimeout(() => {
      this.#again = undefined;
      this.run();
      for (const queue of this.#waiting) queue.reportWaiting();
    }, AGAIN_MS).unref();
  }

  /** Runs the next event that may run. Of the waiting clients, the one whose last turn is longest ago comes first. */
  #runNext(): boolean {
    const short = this.#shortEvents();
    const ofClients = short.filter(({ sender }) => sender !== SERVICE).length;
    const mayRun = (queue: EventQueue) =>
      (queue.nextSender === SERVICE || ofClients < MAX_SHORT_EVENTS) &&
      short.filter((running) => running.queue === queue).length < MAX_SHORT_EVENTS;
    const lastTurn = ({ nextSender = SERVICE }: EventQueue) => this.#turns.get(nextSender) ?? 0;
    for (const queue of [...this.#waiting].filter(mayRun).sort((a, b) => lastTurn(a) - lastTurn(b))) {
      const sender = queue.nextSender as string;
      const environment = queue.runNext();
      if (environment === undefined) continue;
      this.#running.set(environment, { queue, sender });
      if (sender !== SERVICE) this.#turns.set(sender, ++this.#turn);
      if (queue.nextSender === undefined) this.#waiting.delete(queue);
      return true;
    }
    return false;
  }

  #shortEvents(): Running[] {
    const now = performance.now();
    const isShort = ({ busySince, hasWorked }: ExecutionEnvironment) =>
      now - busySince < (hasWorked ? SHORT_MS : SHORT_FIRST_MS);
    return [...this.#running].filter(([environment]) => isShort(environment)).map(([, running]) => running);
  }
}
