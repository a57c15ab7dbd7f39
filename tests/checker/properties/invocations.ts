import type { History } from "../history.ts";

export interface Known {
  key: string;
  action: string;
  room: string;
  /** The banned person, if the request is a ban. */
  target: string | undefined;
  /** Key of the connection that the request came from. */
  connection: string | undefined;
  user: string | undefined;
  invokedAt: number;
  /** Time at which it returned or failed. */
  endedAt: number | undefined;
  /** Time of the last thing that it did, even after its end. */
  lastAt: number;
  /** Whether it may have left work undone because of a fault. */
  isExcused: boolean;
}

const UNKNOWN: Known = {
  key: "",
  action: "",
  room: "",
  target: undefined,
  connection: undefined,
  user: undefined,
  invokedAt: Number.NaN,
  endedAt: undefined,
  lastAt: Number.NaN,
  isExcused: false,
};

/** The request and outcome of each invocation. */
export class Invocations {
  /** Time at which the run ended, in milliseconds since its start. */
  readonly endAt: number;
  readonly all: Known[];
  readonly #byKey = new Map<string, Known>();
  readonly #users: Map<string, string>;

  constructor(history: History) {
    this.endAt = history.happenings.at(-1)?.at ?? 0;
    this.#users = new Map(
      history.all("connection").flatMap((one) => (one.state === "open" ? [[one.connection, one.user]] : [])),
    );
    for (const happening of history.happenings) {
      const { at, kind } = happening;
      if (kind === "invoked") {
        const { invocation: key, connection, frame } = happening;
        const { action = "", room = "lobby", user: target } = frame ?? {};
        const user = this.userOf(connection ?? "");
        this.#byKey.set(key, { ...UNKNOWN, key, action, room, target, connection, user, invokedAt: at, lastAt: at });
      }
      const known = "invocation" in happening ? this.#byKey.get(happening.invocation) : undefined;
      if (known === undefined) continue;
      known.lastAt = at;
      if (kind !== "returned" && kind !== "failed") continue;
      known.endedAt = at;
      known.isExcused = happening.excuse !== undefined;
    }
    this.all = [...this.#byKey.values()];
    // Invocations that haven't ended were stopped, which excuses them.
    for (const known of this.all) known.isExcused ||= known.endedAt === undefined;
  }

  of(key: string): Known {
    return this.#byKey.get(key) ?? UNKNOWN;
  }

  userOf(connection: string): string | undefined {
    return this.#users.get(connection);
  }
}
