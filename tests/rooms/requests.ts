/** Requests that tests make for people in rooms. */
import type { Frame, TestClient } from "../webSocketClient.ts";

let count = 0;

/** A unique name. */
export function unique(what: string): string {
  return `${what} ${++count}`;
}

/** Makes a request with its own id and returns the answer. */
export function request(client: TestClient, action: string, fields: Record<string, unknown> = {}): Promise<Frame> {
  return client.ask({ id: unique(action), action, ...fields });
}

/** Joins clients to a room one after another, and drops the frames that this causes. */
export async function join(room: string, ...clients: TestClient[]): Promise<void> {
  for (const client of clients) {
    const answer = await request(client, "joinRoom", { room });
    if (answer.type !== "ack") throw new Error(`joinRoom was answered with ${JSON.stringify(answer)}`);
  }
  for (const client of clients) client.frames.length = 0;
}

/** Sends a message to a room. @returns the ack */
export async function say(client: TestClient, room: string, text: string, fields: object = {}): Promise<Frame> {
  const answer = await request(client, "sendMessage", { room, text, ...fields });
  if (answer.type !== "ack") throw new Error(`sendMessage was answered with ${JSON.stringify(answer)}`);
  return answer;
}

/** Takes the next event with this text. */
export function hear(client: TestClient, text: string): Promise<Frame> {
  return client.next(({ type, entries }) => type === "event" && entries[0].text === text);
}

/** Texts of the received events that no test has taken. */
export function heard(client: TestClient): string[] {
  return client.frames.filter(({ type }) => type === "event").map(({ entries }) => entries[0].text);
}
