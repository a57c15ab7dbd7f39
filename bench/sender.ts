/** People who send messages to the lobby, and the time until each message's ack. */
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";
import { requestToken } from "../cli/localIssuer.ts";
import { count, type Tally, toOutcome } from "./tally.ts";

/** A message without an answer after this time counts as lost. */
const LOST_MS = 10_000;

export class Sender {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<string, (outcome: string) => void>();
  #count = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("error", () => {});
    socket.on("message", (data) => {
      const frame = JSON.parse(data.toString());
      if (frame.type === "event") return;
      if (frame.id !== undefined) this.#waiting.get(frame.id)?.(toOutcome(frame));
      // API Gateway's own errors have no id, so each is taken for the answer to the oldest request.
      else if (frame.type === undefined) [...this.#waiting.values()][0]?.(frame.message);
    });
  }

  static async connect(url: string, issuer: string, user: string): Promise<Sender> {
    const socket = new WebSocket(url, ["chat.v1", `bearer.${await requestToken(issuer, { user })}`]);
    await once(socket, "open");
    return new Sender(socket);
  }

  /** @returns `ack`, or the code of another outcome */
  send(): Promise<string> {
    const id = `m${++this.#count}`;
    return new Promise((resolve) => {
      const settle = (outcome: string) => {
        clearTimeout(timer);
        this.#waiting.delete(id);
        resolve(outcome);
      };
      const timer = setTimeout(() => settle("lost"), LOST_MS);
      this.#waiting.set(id, settle);
      this.#socket.send(JSON.stringify({ id, action: "sendMessage", room: "lobby", text: "what a nice room this is" }));
    });
  }

  close(): void {
    this.#socket.terminate();
  }
}

export interface Sent {
  /** Time of sending since the start of the measurement. */
  atMs: number;
  /** Time from sending to the ack; Infinity for a message without an ack. */
  ms: number;
}

export interface Measured {
  sent: Sent[];
  /** Messages that got an answer other than an ack. */
  others: Tally;
}

/**
 * Makes each person send at fixed times, even if the previous message hasn't been answered. A sender that waited for
 * acks would send fewer messages, and so measure less, exactly when the service is slow.
 */
export async function measure(people: Sender[], pauseMs: number, seconds: number): Promise<Measured> {
  const measured: Measured = { sent: [], others: {} };
  const begin = performance.now();
  const ofPerson = async (person: Sender, i: number) => {
    const answered: Promise<void>[] = [];
    for (let n = 0; n * pauseMs < seconds * 1_000; n++) {
      await sleep(Math.max(0, begin + (n + i / people.length) * pauseMs - performance.now()));
      const started = performance.now();
      const settled = person.send().then((outcome) => {
        const isAck = outcome === "ack";
        measured.sent.push({
          atMs: started - begin,
          ms: isAck ? performance.now() - started : Number.POSITIVE_INFINITY,
        });
        if (!isAck) count(measured.others, outcome);
      });
      answered.push(settled);
    }
    await Promise.all(answered);
  };
  await Promise.all(people.map(ofPerson));
  return measured;
}

/** The 99th percentile of the times. */
export function p99(sent: Sent[]): number {
  const sorted = sent.map(({ ms }) => ms).sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.99) - 1] ?? Number.NaN;
}
