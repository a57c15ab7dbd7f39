/** A client that uses the library as an application does and keeps its display across reloads. */
import type * as Library from "../../../client/index.ts";
import type { MemberDeed, MemberPlan, Step } from "../deeds.ts";
import { socketClass } from "../socket.ts";
import type { World } from "../world.ts";
import { Machine } from "./machine.ts";

/** Reading position in a room. */
interface View {
  name: string;
  room: string;
  /** Position of the last entry shown; undefined before the first one if reading starts with the newest page. */
  last: number | undefined;
  /** Positions of the user's own messages, which can be edited. */
  own: number[];
  all: number[];
  subscription: Library.Subscription | undefined;
}

export interface MemberArgs {
  world: World;
  library: typeof Library;
  plan: MemberPlan;
  heartbeatMs: number;
  tokenLifeMs: number;
}

export class Member {
  readonly plan: MemberPlan;
  readonly machine: Machine;
  readonly #args: MemberArgs;
  readonly #views = new Map<string, View>();
  readonly #stored = new Map<string, Library.StoredAppend>();
  readonly #networkListeners = new Map<string, Set<() => void>>();
  #client: Library.Client | undefined;
  #ids = 0;
  #nextId: string | undefined;
  readonly #watched = new WeakSet<Library.Outgoing>();
  /** The error code with which the client gave up on an append, by the append's id. */
  readonly #givenUp = new Map<string, string>();
  #viewCount = 0;

  constructor(args: MemberArgs) {
    this.#args = args;
    this.plan = args.plan;
    this.machine = new Machine(args.world, args.plan, args.tokenLifeMs);
    for (const room of args.plan.rooms) this.#view(room, args.plan.fromTheStart ? 0 : undefined);
  }

  start(): void {
    const { world, library, heartbeatMs } = this.#args;
    const { machine } = this;
    const client = new library.Client({
      url: "wss://chat.example/dev",
      token: async () => machine.token(),
      WebSocket: socketClass(world, machine),
      clock: machine.clock,
      newId: () => this.#newId(),
      store: this.#store(),
      heartbeatMs,
      network: {
        addEventListener: (type, listener) => void this.#listenersOf(type).add(listener),
        removeEventListener: (type, listener) => void this.#listenersOf(type).delete(listener),
      },
    });
    client.onState(({ name }) => world.history.add({ kind: "state", client: this.plan.client, state: name }));
    this.#client = client;
    for (const view of this.#views.values()) this.#subscribe(client, view);
  }

  /** Runs a step of the plan, unless the client's machine is asleep or off. */
  do(step: Step): void {
    const { clock } = this.machine;
    if (!clock.isDead && !clock.isAsleep && this.#client !== undefined) this.#do(step, this.#client);
  }

  #do({ name, deed }: Step, client: Library.Client): unknown {
    const { world } = this.#args;
    const { machine } = this;
    const note = (what: string) => world.history.add({ kind: "did", client: this.plan.client, what });
    const action = deed as MemberDeed;
    switch (action.what) {
      case "send":
      case "edit":
      case "delete":
      case "react":
        return this.#append(name, action);
      case "history":
        note(`reads the history of ${action.room}`);
        return this.#readHistory(action.room, action.limit);
      case "typing":
        return client.room(action.room).typing(true);
      case "markRead":
        return this.#markRead(client, action.room);
      case "members":
        return client
          .room(action.room)
          .members()
          .catch(() => {});
      case "sleep":
        note(`sleeps for ${Math.round(action.ms)} ms`);
        return machine.sleep(action.ms);
      case "cut":
        note("loses its network connection");
        return machine.cut(action);
      case "offline":
        note(`is offline for ${Math.round(action.ms)} ms`);
        machine.goOffline();
        this.#tellNetwork("offline");
        world.clock.after(action.ms, () => {
          machine.goOnline();
          machine.clock.after(0, () => this.#tellNetwork("online"));
        });
        return;
      case "reload":
        note(action.isCrash ? `crashes, and is back after ${Math.round(action.ms)} ms` : "is closed and opened again");
        return this.#reload(action);
      case "leave":
        note(`leaves ${action.room}`);
        return this.#leave(action.room, action.ms);
      default:
        throw new Error(`a member does not ${deed.what}`);
    }
  }

  /** Sends a message to each room that the client follows, to show that the rooms still work. */
  probe(): void {
    for (const { room, subscription } of this.#views.values()) {
      if (subscription !== undefined)
        this.#append(`probe-${this.plan.client}-${room}`, { what: "send", room, bytes: 10 });
    }
  }

  /** Ids of the stored appends that the library hasn't given up on. */
  unsent(): string[] {
    return [...this.#stored.values()].filter(({ failedWith }) => failedWith === undefined).map(({ id }) => id);
  }

  /** Whether the client is done connecting. It may not be yet, if the last fault lost the answer to `hello`. */
  isOpen(): boolean {
    return ["open", "stopped"].includes(this.#client?.state.name ?? "");
  }

  /** Whether the client has sent everything and been shown the last entry of each room that it follows. */
  isSettled(): boolean {
    const { lastEntries } = this.#args.world.aws;
    const hasAll = ({ room, last = 0 }: View) => last >= (lastEntries.get(room) ?? 0);
    return this.#client !== undefined && this.unsent().length === 0 && [...this.#views.values()].every(hasAll);
  }

  #view(room: string, after: number | undefined): View {
    const view: View = {
      name: `${this.plan.client}:${room}:${++this.#viewCount}`,
      room,
      last: after,
      own: [],
      all: [],
      subscription: undefined,
    };
    this.#views.set(room, view);
    this.#args.world.history.add({ kind: "followed", client: this.plan.client, view: view.name, room, after });
    return view;
  }

  #subscribe(client: Library.Client, view: View): void {
    const { history } = this.#args.world;
    const { client: who, user } = this.plan;
    const { name, room } = view;
    const options = view.last === undefined ? {} : { after: view.last };
    view.subscription = client.room(room).subscribe(
      {
        entries: (entries) => {
          history.add({ kind: "entries", client: who, view: name, room, entries });
          view.last = entries.at(-1)?.seq;
          for (const { kind, seq, user: author } of entries) {
            if (kind !== "message") continue;
            view.all.push(seq);
            if (author.id === user) view.own.push(seq);
          }
        },
        outgoing: (appends) => this.#watch(room, appends),
        reset: ({ head }) => history.add({ kind: "reset", client: who, view: name, room, head }),
        error: ({ code }) => history.add({ kind: "error", client: who, room, code }),
      },
      options,
    );
  }

  #append(
    id: string,
    { what, room, ...rest }: Extract<MemberDeed, { what: "send" | "edit" | "delete" | "react" }>,
  ): void {
    const { chance, history } = this.#args.world;
    const { client: who, user } = this.plan;
    const view = this.#views.get(room);
    const dice = chance.of("append", id);
    const target = dice.pick((what === "react" ? view?.all : view?.own) ?? []);
    const inRoom = (this.#client as Library.Client).room(room);
    this.#nextId = id;
    let outgoing: Library.Outgoing;
    if (what === "send")
      outgoing = inRoom.send(textOf(id, (rest as { bytes: number }).bytes), this.#replyOf(view, dice.next()));
    else if (target === undefined) {
      this.#nextId = undefined;
      return;
    } else if (what === "edit") outgoing = inRoom.edit(target, `${id} edited`);
    else if (what === "delete") outgoing = inRoom.delete(target);
    else outgoing = inRoom.react(target, "👍", dice.happens(0.7));
    history.add({ kind: "called", client: who, user, room, id, append: outgoing.append });
    outgoing.acknowledged.then(
      ({ seq, sentAt }) => history.add({ kind: "acknowledged", client: who, room, id, seq, sentAt }),
      ({ code }) => this.#gaveUp(room, id, code),
    );
  }

  /** Records the appends that the client gives up on, including those that an earlier client left in the store. */
  #watch(room: string, appends: readonly Library.Outgoing[]): void {
    for (const append of appends) {
      if (this.#watched.has(append)) continue;
      this.#watched.add(append);
      append.acknowledged.catch(({ code }) => this.#gaveUp(room, append.id, code));
    }
  }

  #gaveUp(room: string, id: string, code: string): void {
    if (this.#givenUp.get(id) === code) return;
    this.#givenUp.set(id, code);
    this.#args.world.history.add({ kind: "given up", client: this.plan.client, room, id, code });
  }

  #markRead(client: Library.Client, room: string): void {
    const last = this.#views.get(room)?.last;
    if (last !== undefined && last > 0) client.room(room).markRead(last);
  }

  #replyOf(view: View | undefined, chance: number): { replyTo?: number } {
    const last = view?.all.at(-1);
    return chance < 0.1 && last !== undefined ? { replyTo: last } : {};
  }

  async #readHistory(room: string, limit: number): Promise<void> {
    const { history } = this.#args.world;
    const past = (this.#client as Library.Client).room(room).history({ limit });
    try {
      for await (const { entries, isFirst } of past) {
        history.add({ kind: "history", client: this.plan.client, room, entries, more: !isFirst });
      }
    } catch {
      // A fault interrupted this, or the page was closed; a person would try again.
    }
  }

  #reload({ ms, isCrash }: { ms: number; isCrash: boolean }): void {
    const { world } = this.#args;
    const dice = world.chance.of("reload", this.plan.client, world.clock.elapsed());
    if (!isCrash) this.#client?.close();
    this.#client = undefined;
    // Gives the last messages time to leave.
    world.clock.after(isCrash ? 0 : 500, () => {
      this.machine.die(dice.happens(0.3) ? undefined : dice.magnitude(1, 3_000));
      this.#networkListeners.clear();
      world.clock.after(ms, () => this.#rise());
    });
  }

  #rise(): void {
    const { sleepsForMs } = this.machine;
    if (sleepsForMs > 0) {
      // The extra millisecond makes time pass even if rounding puts the timer just before the end of the sleep.
      this.#args.world.clock.after(sleepsForMs + 1, () => this.#rise());
      return;
    }
    this.machine.rise();
    this.start();
  }

  #leave(room: string, ms: number): void {
    const { world } = this.#args;
    const view = this.#views.get(room);
    const client = this.#client;
    if (view?.subscription === undefined || client === undefined) return;
    view.subscription = undefined;
    this.#views.delete(room);
    world.history.add({ kind: "unfollowed", client: this.plan.client, view: view.name, room });
    client
      .room(room)
      .leave()
      .catch(() => {});
    world.clock.after(ms, () => {
      const anew = this.#view(room, view.last);
      if (this.#client !== undefined) this.#subscribe(this.#client, anew);
    });
  }

  /** Keeps appends through a reload, as a browser's store does. */
  #store(): Library.AppendStore {
    const { clock } = this.machine;
    const dice = this.#args.world.chance.of("store", this.plan.client, this.#ids);
    const later = () => clock.pause(dice.magnitude(0.5, 20));
    return {
      load: async () => {
        const stored = [...this.#stored.values()].map((append) => structuredClone(append));
        await later();
        return stored;
      },
      put: async (append) => {
        const copy = structuredClone(append);
        await later();
        this.#stored.set(copy.id, copy);
      },
      remove: async (id) => {
        await later();
        this.#stored.delete(id);
      },
    };
  }

  #newId(): string {
    const id = this.#nextId ?? `${this.plan.client.replaceAll(/[^a-z]/g, "")}.${++this.#ids}`;
    this.#nextId = undefined;
    return id;
  }

  #listenersOf(type: string): Set<() => void> {
    let listeners = this.#networkListeners.get(type);
    if (listeners === undefined) {
      listeners = new Set();
      this.#networkListeners.set(type, listeners);
    }
    return listeners;
  }

  #tellNetwork(type: string): void {
    for (const listener of [...this.#listenersOf(type)]) listener();
  }
}

/** A text that names its step, padded to a length. */
export function textOf(name: string, bytes: number): string {
  return `${name} `.padEnd(bytes, ".");
}
