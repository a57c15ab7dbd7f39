/** A client that speaks the protocol itself, in ways that the library never would. */
import type { Dice } from "../chance.ts";
import type { Marks, RawDeed, RawPlan, Step } from "../deeds.ts";
import type { Frame } from "../history.ts";
import type { World } from "../world.ts";
import { Machine } from "./machine.ts";
import { textOf } from "./member.ts";
import { RawConnection } from "./rawConnection.ts";

/** Maximum number of attempts for one request, which is enough to outlast all faults. */
const ATTEMPTS = 60;

export class Raw {
  readonly plan: RawPlan;
  readonly machine: Machine;
  readonly #world: World;
  readonly #rooms: string[];
  /** Two connections, so that one request can be made twice at the same time. */
  readonly #connections: (Promise<RawConnection | undefined> | undefined)[] = [undefined, undefined];
  #ids = 0;
  /** Number of deeds in progress. */
  #deeds = 0;

  constructor(world: World, plan: RawPlan, rooms: string[], tokenLifeMs: number) {
    this.#world = world;
    this.plan = plan;
    this.#rooms = rooms;
    this.machine = new Machine(world, plan, tokenLifeMs);
  }

  get isBusy(): boolean {
    return this.#deeds > 0;
  }

  do(step: Step): void {
    this.#deeds += 1;
    void this.#do(step).finally(() => {
      this.#deeds -= 1;
    });
  }

  async #do({ name, deed }: Step): Promise<unknown> {
    const action = deed as RawDeed;
    const dice = this.#world.chance.of("raw", name);
    switch (action.what) {
      case "insist": {
        const frame = { action: "sendMessage", room: action.room, text: textOf(name, action.bytes) };
        const lines = [0, 1].slice(0, action.connections);
        return Promise.all(lines.map((i) => this.#insist(i, name, frame, action.marks, dice)));
      }
      case "conflict":
        return this.#conflict(name, action, dice);
      case "take back":
        return this.#takeBack(name, action, dice);
      case "send again":
        return this.#sendAgain(name, action, dice);
      case "read":
        return this.read(action.room, action.limit);
      case "come and go":
        return this.#comeAndGo(action.room, action.ms);
      case "ban":
        return this.#ban(action);
      case "visit":
        return this.#visit(action);
      case "refresh":
        return this.#refresh();
      case "type by hand":
        return this.#connection(0).then((connection) => connection?.send(action.text));
      case "cut":
        return this.machine.cut(action);
      default:
        throw new Error(`a raw client does not ${(deed as { what: string }).what}`);
    }
  }

  /** Reads a room's log from its first position to its end. @returns false if it couldn't be read */
  async read(room: string, limit: number): Promise<boolean> {
    let after = 0;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const page = await this.#ask(1, { action: "getHistory", room, after, limit }, 5_000);
      if (page?.type !== "page") {
        await this.machine.clock.pause(300);
        continue;
      }
      after = page.through;
      if (after >= page.head) return true;
      if (page.retryAfterMs !== undefined) await this.machine.clock.pause(page.retryAfterMs);
    }
    return false;
  }

  async #insist(i: number, id: string, frame: object, marks: Marks, dice: Dice): Promise<Frame | undefined> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const connection = await this.#connection(i);
      const retry = marks === "always" || (marks === "right" && attempt > 0);
      const answer = await connection?.ask({ ...frame, id, ...(retry ? { retry } : {}) }, dice.magnitude(500, 8_000));
      if (
        answer?.type === "ack" ||
        (answer?.type === "error" && answer.retryable === false && !this.#overcome(i, answer))
      ) {
        return answer;
      }
      if (dice.happens(0.2)) this.#drop(i);
      await this.machine.clock.pause(dice.magnitude(10, 3_000));
    }
    return undefined;
  }

  async #conflict(
    id: string,
    { room, marks, connections, pauseMs }: Extract<RawDeed, { what: "conflict" }>,
    dice: Dice,
  ): Promise<void> {
    const frame = { action: "sendMessage", room, text: textOf(id, 20) };
    const first = this.#insist(0, id, frame, marks, dice);
    await this.machine.clock.pause(pauseMs);
    const other = connections === 1 ? 0 : 1;
    const otherwise = { ...frame, text: textOf(`${id} otherwise`, 30) };
    await this.#insist(other, id, otherwise, marks, this.#world.chance.of("raw", id, 2));
    await first;
  }

  async #takeBack(
    id: string,
    { room, edits, marks, spreadMs, insists }: Extract<RawDeed, { what: "take back" }>,
    dice: Dice,
  ): Promise<void> {
    const sent = await this.#insist(0, id, { action: "sendMessage", room, text: textOf(id, 20) }, marks, dice);
    if (sent?.type !== "ack") return;
    const about = { room, target: sent.seq };
    const requests = Array.from({ length: edits }, (_, i) => ({
      id: `${id}.${i}`,
      frame: { action: "editMessage", ...about, text: textOf(`${id}.${i}`, 30) },
      afterMs: dice.between(0, spreadMs),
    }));
    const deletion = {
      id: `${id}.d`,
      frame: { action: "deleteMessage", ...about },
      afterMs: dice.between(0, spreadMs),
    };
    const all = [...requests, deletion];
    await Promise.all(
      all.map(async ({ id: name, frame, afterMs }, i) => {
        await this.machine.clock.pause(afterMs);
        if (frame === deletion.frame && !insists) await this.#ask(i % 2, frame, 5_000);
        else await this.#insist(i % 2, name, frame, marks, this.#world.chance.of("raw", name));
      }),
    );
    if (!insists) return;
    for (const { id: name, frame } of all)
      await this.#insist(0, name, frame, "always", this.#world.chance.of("raw", name, 2));
  }

  async #sendAgain(
    id: string,
    { room, afterMs, marks }: Extract<RawDeed, { what: "send again" }>,
    dice: Dice,
  ): Promise<void> {
    const frame = { action: "sendMessage", room, text: textOf(id, 20) };
    const sent = this.#insist(0, id, frame, "right", dice);
    await this.machine.clock.pause(afterMs);
    await sent;
    await this.#insist(0, id, frame, marks === "never" ? marks : "always", dice);
  }

  async #comeAndGo(room: string, ms: number): Promise<void> {
    await this.#ask(0, { action: "leaveRoom", room }, 5_000);
    await this.machine.clock.pause(ms);
    await this.#ask(0, { action: "joinRoom", room }, 5_000);
  }

  async #ban({ room, user, ms }: Extract<RawDeed, { what: "ban" }>): Promise<void> {
    await this.#moderate({ action: "ban", room, user });
    await this.machine.clock.pause(ms);
    await this.#moderate({ action: "invite", room, user });
  }

  async #visit({ ms, endsBy }: Extract<RawDeed, { what: "visit" }>): Promise<void> {
    const came = this.#connection(0);
    await this.machine.clock.pause(ms);
    if (endsBy === "closing") for (const socket of this.machine.sockets) socket.close();
    else this.machine.cut({ byClientMs: 1, byGatewayMs: endsBy === "a cut" ? 1 : undefined });
    await came;
    // A connection that has only just opened is dropped, too.
    this.#drop(0);
  }

  async #moderate(frame: Record<string, unknown>): Promise<void> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if ((await this.#ask(0, frame, 5_000))?.type === "ack") return;
      await this.machine.clock.pause(300);
    }
  }

  async #refresh(): Promise<void> {
    await this.#ask(0, { action: "refreshToken", token: this.machine.token() }, 5_000);
  }

  async #ask(i: number, frame: Record<string, unknown>, timeoutMs: number): Promise<Frame | undefined> {
    const connection = await this.#connection(i);
    const answer = await connection?.ask({ ...frame, id: `${this.plan.client}.${++this.#ids}` }, timeoutMs);
    if (answer?.type === "error") this.#overcome(i, answer);
    return answer;
  }

  /** Reacts to an error so that a retry may succeed. @returns false if nothing helps */
  #overcome(i: number, { code }: Frame): boolean {
    if (code !== "NOT_A_MEMBER" && code !== "TOKEN_EXPIRED") return false;
    this.#drop(i);
    return true;
  }

  /** Opens a connection if there is none, and joins the rooms. */
  #connection(i: number): Promise<RawConnection | undefined> {
    const opened = (this.#connections[i] ?? Promise.resolve(undefined)).then((connection) =>
      connection?.isOpen ? connection : this.#open(),
    );
    this.#connections[i] = opened;
    return opened;
  }

  async #open(): Promise<RawConnection | undefined> {
    const connection = await RawConnection.open(this.#world, this.machine);
    const id = `${this.plan.client}.${++this.#ids}`;
    const ready = await connection?.ask({ action: "hello", id, rooms: this.#rooms.map((room) => ({ room })) }, 10_000);
    if (ready?.type === "ready") return connection;
    connection?.close();
    return undefined;
  }

  #drop(i: number): void {
    const dropped = this.#connections[i];
    this.#connections[i] = undefined;
    void dropped?.then((connection) => connection?.close());
  }
}
