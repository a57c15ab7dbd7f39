/**
 * Sends frames that none of our clients sends to the deployed functions, and reports any forbidden effect of each. Like
 * a client, it learns from the answers who is in which room.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import * as fc from "fast-check";
import { ACTIONS, type Action } from "../../protocol/actions.ts";
import { bundlesWith } from "../checker/bundles.ts";
import type { Plant } from "../checker/plants.ts";
import { frames, ROUTES, type Vocabulary } from "./arbitraries.ts";
import { Chat, type Connection, type Happened } from "./chat.ts";
import { ANSWERS, isDocumented, isRightRequest, MOST_BYTES, roomOf } from "./documented.ts";

/** Number of frames between two checks of the tables, which are then emptied. */
const EPOCH = 2_500;

/** Number of example frames kept per problem. */
const MOST_SHOWN = 3;

const SECRET = "private-secret";
/** Rooms in which the keeper writes; the senders' frames may join the public ones. */
const FILLED = [SECRET, "vault", "lobby", "private-fuzz"];
const ROOMS = [...FILLED, "den", "den", "den", "lobby", "lobby", "Überraum", "__proto__", "constructor", "a b#c%d"];

export interface Finding {
  what: string;
  /** Number of occurrences. */
  count: number;
  /** The first examples. */
  examples: { frame: number; route: string; sent: string; came: string }[];
}

export interface Report {
  findings: Finding[];
  /** Number of answers by error code or type; "" counts frames without an answer. */
  answers: Record<string, number>;
  appended: number;
  /** Heap bytes after garbage collection, by number of frames sent. */
  heap: Map<number, number>;
}

export interface Options {
  seed: number;
  count: number;
  /** The numbers of frames after which to measure the heap. */
  heapAt?: number[];
  /** A fault to plant in the functions. */
  plant?: Plant;
}

/** The command that repeats a run. @param name the test's file name in this folder, without .long.ts */
export function commandOf({ seed, count }: Options, name = "frames"): string {
  return `FUZZ_SEED=${seed} FUZZ_FRAMES=${count} npx vitest run --config vitest.long.config.mts tests/fuzz/${name}.long.ts`;
}

/** Options, which are the same each time unless environment variables change them. */
export function optionsFor(count: number): Options {
  return { seed: Number(process.env.FUZZ_SEED ?? 20_260_801), count: Number(process.env.FUZZ_FRAMES ?? count) };
}

export async function fuzz(options: Options): Promise<Report> {
  const run = new Run(new Chat(await bundlesWith(options.plant)));
  try {
    await run.all(options);
  } finally {
    await run.chat.end();
  }
  return run.report;
}

// biome-ignore lint/suspicious/noExplicitAny: a frame may be anything
type Any = any;

/** A connection, with the rooms whose events it may receive. */
interface Sender {
  connection: Connection;
  rooms: Set<string>;
}

class Run {
  readonly chat: Chat;
  readonly report: Report = { findings: [], answers: {}, appended: 0, heap: new Map() };
  readonly #senders = new Map<string, Sender>();
  /** Acknowledged content by room and position. */
  #acknowledged = new Map<string, Any>();
  /** Number of positions that duplicates of changes, and replies to missing messages, may have claimed. */
  #perhapsLost = 0;
  /** Number of positions that appends claimed without getting an entry there, by their answers. */
  #lost = 0;
  /** Text written by the keeper, by room. */
  #canaries = new Map<string, string>();
  /** The last appending frame with an id, to be sent again, by sender. */
  readonly #appends = new Map<string, string>();
  #frame = 0;

  constructor(chat: Chat) {
    this.chat = chat;
  }

  async all({ seed, count, heapAt = [] }: Options): Promise<void> {
    while (this.#frame < count) {
      await this.chat.begin();
      const vocabulary = await this.#people();
      const texts = fc.sample(fc.tuple(frames(vocabulary), fc.nat(999), fc.nat(999)), {
        seed: seed + this.#frame,
        numRuns: Math.min(EPOCH, count - this.#frame),
      });
      for (const [text, who, where] of texts) {
        await this.#send(text, who, where);
        this.#frame += 1;
        if (this.#frame % 100 === 0) await this.#restore();
      }
      await this.#look();
      texts.length = 0;
      if (heapAt.includes(this.#frame)) this.report.heap.set(this.#frame, heapInUse());
    }
  }

  /** Connects two senders, a sender with an expired token, a sender unknown to the tables, and two listeners. */
  async #people(): Promise<Vocabulary> {
    this.#senders.clear();
    this.#acknowledged = new Map();
    this.#perhapsLost = 0;
    this.#lost = 0;
    this.#appends.clear();
    for (const name of ["keeper", "listener", "fuzz-1", "fuzz-2"]) await this.#open(name);
    const ended = await this.chat.connect("fuzz-3", Date.now() - 60_000);
    this.#senders.set("fuzz-3", { connection: ended, rooms: new Set(["lobby"]) });
    const forgotten = this.chat.forgotten("fuzz-4");
    this.#senders.set("fuzz-4", { connection: forgotten, rooms: new Set() });
    await this.#say("fuzz-1", { action: "joinRoom", room: "private-fuzz" });
    await this.#say("fuzz-1", { action: "invite", room: "private-fuzz", user: "keeper" });
    this.#canaries = new Map(FILLED.map((room) => [room, `canary-${room}-${this.#frame}`]));
    for (const room of FILLED) {
      await this.#say("keeper", { action: "joinRoom", room });
      await this.#plant(room);
    }
    await this.#restore();
    const soon = Date.now() + 7_000_000;
    const tokens = ["fuzz-1", "fuzz-2", "keeper", "fuzz-3"].map((user) => this.chat.issuer.token(user, soon));
    const good = tokens[0] as string;
    return {
      rooms: ROOMS,
      people: ["listener", "fuzz-1", "fuzz-2", "keeper", "nobody", "#", "__proto__"],
      tokens: [
        ...tokens,
        this.chat.issuer.token("fuzz-1", Date.now() - 60_000),
        `${good.slice(0, -6)}AAAAAA`,
        good.split(".").slice(0, 2).join("."),
        `eyJhbGciOiJub25lIn0.${good.split(".")[1]}.`,
        ...["garbage", "..", "a.b.c", ".".repeat(500), "🎫.🎫.🎫", "\u0000"],
      ],
      mostUnits: 100_000,
    };
  }

  async #open(name: string): Promise<void> {
    const connection = await this.chat.connect(name);
    this.#senders.set(name, { connection, rooms: new Set(["lobby"]) });
  }

  /** Sends a valid frame. */
  #say(name: string, frame: object): Promise<void> {
    return this.#deliver(this.#senders.get(name) as Sender, JSON.stringify(frame), undefined);
  }

  async #plant(room: string): Promise<void> {
    await this.#say("keeper", { action: "sendMessage", room, text: this.#canaries.get(room) });
  }

  /** Restores what frames have undone, so that later frames have something to act on. */
  async #restore(): Promise<void> {
    for (const name of ["listener", "fuzz-1", "fuzz-2"]) {
      for (const room of ["lobby", "den"]) {
        if (!this.#senders.get(name)?.rooms.has(room)) await this.#say(name, { action: "joinRoom", room });
      }
    }
    for (const room of FILLED) {
      if (this.#senders.get("keeper")?.rooms.has(room)) await this.#plant(room);
    }
  }

  async #send(text: string, who: number, where: number): Promise<void> {
    const name = who < 430 ? "fuzz-1" : who < 860 ? "fuzz-2" : who < 930 ? "fuzz-3" : "fuzz-4";
    // Some sends repeat the sender's last append, and some go to a route other than their action's, as a duplicate key
    // or a bug in API Gateway might cause.
    const again = where < 940 ? undefined : this.#appends.get(name);
    const route = where < 60 ? ([...ACTIONS, "$default"][where % (ACTIONS.length + 1)] as string) : undefined;
    await this.#deliver(this.#senders.get(name) as Sender, again ?? text, route);
  }

  async #deliver(sender: Sender, text: string, route: string | undefined): Promise<void> {
    const hearing = this.#hearing();
    const happened = await this.chat.send(sender.connection, text, route);
    const wrongs = this.#judge(sender, text, happened);
    for (const closed of happened.closed) {
      const one = this.#senderOf(closed);
      one?.rooms.clear();
      const gone = await this.chat.disconnect(closed);
      if (gone.thrown !== undefined) wrongs.push(`$disconnect throws ${gone.thrown}`);
      happened.pushes.push(...gone.pushes);
    }
    // A receiver must have been in the room before or after the frame was handled.
    for (const { to, text: pushed } of happened.pushes) {
      const rooms = new Set([...(hearing.get(to.user) ?? []), ...(this.#senders.get(to.user)?.rooms ?? [])]);
      wrongs.push(...this.#judgeFrame(pushed, rooms).map((wrong) => `a push: ${wrong}`));
    }
    for (const wrong of wrongs) this.#note(wrong, text, happened);
    for (const { user } of happened.closed) await this.#open(user);
  }

  #hearing(): Map<string, string[]> {
    return new Map([...this.#senders].map(([name, { rooms }]) => [name, [...rooms]]));
  }

  #senderOf({ user }: Connection): Sender | undefined {
    return this.#senders.get(user);
  }

  /** @returns what is wrong with a frame's outcome */
  #judge(sender: Sender, text: string, happened: Happened): string[] {
    const { returned, thrown, route, pushes } = happened;
    if (thrown !== undefined) return [`the function throws ${thrown}`];
    if (returned?.statusCode !== 200) return ["the status isn't 200"];
    const others = Object.keys(returned).filter((key) => key !== "statusCode" && key !== "body");
    if (others.length > 0) return [`the function returns ${others}`];
    // A route that pushes to others posts its own answer.
    const posted = pushes.filter(
      ({ to, text: pushed }) => to === sender.connection && POSTED.has(parsed(pushed)?.type),
    );
    const bodies = [
      ...(returned.body === undefined ? [] : [returned.body]),
      ...posted.map(({ text: answer }) => answer),
    ];
    if (bodies.length > 1) return ["it is answered twice"];
    const [body] = bodies;
    if (body !== undefined && typeof body !== "string") return ["the body isn't a string"];
    const answer = body === undefined ? undefined : parsed(body);
    this.#count(answer);
    const frame = parsed(text);
    const wrongs = route === "$default" ? judgeUnknown(frame, answer) : judgeAnswer(route as Action, frame, answer);
    if (answer?.type === "error") wrongs.push(...judgeError(frame, answer));
    else if (route !== "$default") this.#learn(sender, route as Action, frame, answer);
    if (answer?.code === "ID_CONFLICT" && frame.retry !== true) this.#lost += 1;
    // The message that it replies to doesn't exist. The append may have claimed a position before it found that out.
    if (answer?.code === "NOT_FOUND" && route === "sendMessage") this.#perhapsLost += 1;
    if (answer !== undefined) {
      const id = isUsableId(frame?.id) ? frame.id : answer.type === "error" ? undefined : happened.requestId;
      if (answer.id !== id) wrongs.push("the answer has a different id");
      if (body !== undefined) wrongs.push(...this.#judgeFrame(body, sender.rooms));
    }
    return wrongs;
  }

  /** @param rooms the receiver's rooms */
  #judgeFrame(text: string, rooms: ReadonlySet<string>): string[] {
    const wrongs: string[] = [];
    const frame = parsed(text);
    if (!isDocumented(frame)) wrongs.push(`the ${frame?.type} matches no documented frame`);
    if (Buffer.byteLength(text) > MOST_BYTES) wrongs.push(`the ${frame?.type} is longer than ${MOST_BYTES} bytes`);
    const pages = [frame, frame?.page, frame?.reset, ...(frame?.resets ?? [])].filter(
      (part) => part?.room !== undefined,
    );
    const named = [...pages.map(({ room }) => room), ...Object.keys(frame?.heads ?? {})];
    if (named.some((room) => !rooms.has(room))) wrongs.push("it names a room that its receiver is not in");
    for (const [room, canary] of this.#canaries) {
      if (!rooms.has(room) && text.includes(canary)) wrongs.push("it shows text to somebody who is not in the room");
    }
    return wrongs;
  }

  /** Updates the sender's known state from an answer that isn't an error. */
  #learn({ rooms, connection }: Sender, action: Action, frame: Any, answer: Any): void {
    const room = roomOf(frame);
    if (action === "joinRoom") rooms.add(room);
    if (action === "leaveRoom") rooms.delete(room);
    if (action === "hello") for (const name of Object.keys(answer?.heads ?? {})) rooms.add(name);
    if (!APPENDS.has(action) || answer === undefined) return;
    if (answer.duplicate) {
      if (frame.retry === true) return;
      // A duplicate of a change to a message claims a position only if the change is still possible.
      if (frame.target === undefined) this.#lost += 1;
      else this.#perhapsLost += 1;
      return;
    }
    this.report.appended += 1;
    if (frame.id !== undefined) this.#appends.set(connection.user, JSON.stringify(frame));
    const { text, target, on } = frame;
    if (action === "deleteMessage") this.#forget(room, target);
    this.#acknowledged.set(placeOf(room, answer.seq), { user: connection.user, text, target, on });
  }

  /** Removes the texts of a deleted message and its edits. */
  #forget(room: string, message: number): void {
    for (const [place, said] of this.#acknowledged) {
      const isOfRoom = place.startsWith(placeOf(room, ""));
      const isIt = place === placeOf(room, message);
      if (isIt || (isOfRoom && said.target === message && said.text !== undefined)) said.text = "";
    }
  }

  /** Checks that the log has grown only by the acknowledged entries, and that the memberships match the answers. */
  async #look(): Promise<void> {
    const messages = await this.chat.rows("messages");
    const entries = messages.filter(({ kind }) => kind !== undefined && kind !== "void");
    const places = entries.map(({ pk, sk }) => `${String(pk).split("#")[1]}#${sk}`);
    const note = (what: string, came: unknown) => this.#note(what, "", { route: "", returned: came } as never);
    const unasked = places.filter((place) => !this.#acknowledged.has(place));
    if (unasked.length > 0) note("entries that nobody was told about are stored", unasked);
    const unstored = [...this.#acknowledged.keys()].filter((place) => !places.includes(place));
    if (unstored.length > 0) note("acknowledged entries are not stored", unstored);
    for (const [i, { user, text, target, on, kind }] of entries.entries()) {
      const said = this.#acknowledged.get(places[i] as string);
      if (said === undefined) continue;
      const stored = { user: (user as Any).id, text, target, on };
      const expected = { ...said, ...(kind === "reaction" ? { on: said.on ?? true } : { on }) };
      if (JSON.stringify(stored) !== JSON.stringify(expected))
        note("different content is stored", { stored, expected });
    }
    const heads = messages.filter(({ pk }) => String(pk).startsWith("META#"));
    const given = heads.reduce((sum, { head }) => sum + Number(head), 0);
    const least = this.#acknowledged.size + this.#lost;
    if (given < least || given > least + this.#perhapsLost) {
      note("the number of positions given out doesn't match the answers", {
        given,
        acknowledged: this.#acknowledged.size,
        lost: this.#lost,
        perhapsLost: this.#perhapsLost,
      });
    }
    const rows = await this.chat.rows("connections");
    for (const [user, { connection, rooms }] of this.#senders) {
      const stored = rows
        // A room that the connection has left keeps a row that says so.
        .filter(
          ({ pk, sk, leftAt }) =>
            pk === `CONN#${connection.id}` && String(sk).startsWith("ROOM#") && leftAt === undefined,
        )
        .map(({ sk }) => String(sk).slice("ROOM#".length))
        .sort();
      const expected = [...rooms].sort();
      if (JSON.stringify(stored) !== JSON.stringify(expected))
        note("somebody isn't in the expected rooms", { user, stored, expected });
    }
    const members = rows.filter(({ pk, sk }) => pk === `ROOM#${SECRET}` && String(sk).startsWith("CONN#"));
    const strangers = members.filter(({ sk }) => sk !== `CONN#${this.#idOf("keeper")}`);
    if (strangers.length > 0) note("somebody got into the private room", strangers);
  }

  #idOf(name: string): string {
    return this.#senders.get(name)?.connection.id ?? "";
  }

  #count(answer: Any): void {
    const name = answer?.code ?? answer?.type ?? "";
    this.report.answers[name] = (this.report.answers[name] ?? 0) + 1;
  }

  #note(what: string, sent: string, { route, returned, thrown }: Happened): void {
    let finding = this.report.findings.find((one) => one.what === what);
    if (finding === undefined) {
      finding = { what, count: 0, examples: [] };
      this.report.findings.push(finding);
    }
    finding.count += 1;
    if (finding.examples.length === MOST_SHOWN) return;
    const came = thrown ?? JSON.stringify(returned);
    finding.examples.push({ frame: this.#frame, route, sent: shown(sent), came: shown(came) });
  }
}

function placeOf(room: string, seq: number | string | undefined): string {
  return `${encodeURIComponent(room)}#${seq}`;
}

/** Types of answers that are posted. */
const POSTED = new Set(["ack", "ready"]);

const APPENDS = new Set<string>(["sendMessage", "editMessage", "deleteMessage", "react"]);

/** @returns what is wrong with the type of a route's answer to a frame */
function judgeAnswer(action: Action, frame: Any, answer: Any): string[] {
  const isRight = isRightRequest(action, frame);
  const isRefused = answer?.code === "BAD_REQUEST" || answer?.code === "TOO_LARGE";
  if (isRight === false && !isRefused) return [`an invalid ${action} is not refused`];
  if (isRight === true && isRefused) return [`a valid ${action} is refused`];
  if (answer?.type === "error") return answer.code === "INTERNAL" ? ["INTERNAL"] : [];
  return ANSWERS[action].includes(answer?.type) ? [] : [`${action} is answered with ${answer?.type ?? "nothing"}`];
}

/** @returns what is wrong with the answer of `$default` */
function judgeUnknown(frame: Any, answer: Any): string[] {
  const isObject = typeof frame === "object" && frame !== null && !Array.isArray(frame);
  const expected =
    frame === undefined ? "BAD_JSON" : !isObject || typeof frame.action !== "string" ? "BAD_REQUEST" : "UNKNOWN_ACTION";
  return answer?.code === expected ? [] : [`$default answers ${answer?.code} instead of ${expected}`];
}

/**
 * Checks that an error quotes only the path of a field and the request's identification from the frame. The name of
 * the route's own action is allowed, even if the frame also contains it elsewhere.
 */
function judgeError(frame: Any, { code, message, path = "", action }: Any): string[] {
  const wrongs: string[] = [];
  const named = typeof frame?.action === "string" ? JSON.stringify(frame.action.slice(0, 64)) : "";
  const own = [path, named].reduce((left, part) => (part === "" ? left : left.replaceAll(part, "")), message);
  const quoted = textsIn(frame, 0).filter((text) => text.length >= 6 && own.includes(text) && !ROUTES.has(text));
  if (quoted.length > 0) wrongs.push(`the error ${code} quotes the frame`);
  if (/\bat .*:\d+:\d+|arn:aws|DynamoDB|chat-dev|Exception|node_modules/.test(own))
    wrongs.push("an error reveals internals");
  if (action !== undefined && !String(frame?.action).startsWith(action))
    wrongs.push("an error names a different action");
  return wrongs;
}

/** The strings in a frame, except keys. */
function textsIn(value: Any, depth: number): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null || depth > 20) return [];
  return Object.entries(value).flatMap(([key, one]) => (depth === 0 && key === "id" ? [] : textsIn(one, depth + 1)));
}

function isUsableId(id: Any): boolean {
  return typeof id === "string" && id.length >= 1 && id.length <= 64;
}

function parsed(text: string): Any {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function shown(text: string): string {
  return text.length <= 300 ? text : `${text.slice(0, 200)}… (${text.length} characters) …${text.slice(-80)}`;
}

/** Heap bytes after a full garbage collection. */
function heapInUse(): number {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}
