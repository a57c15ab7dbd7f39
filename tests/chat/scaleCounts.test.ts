/** Compares the cost that docs/scale.md states for a message in a quiet room of ten with the cost of a real message. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Meter } from "../../bench/meter.ts";
import type * as Send from "../../handlers/sendMessage.ts";
import { TestClient } from "../webSocketClient.ts";
import { type ChatCloud, CONNECTIONS, MESSAGES, startChatCloud } from "./chatCloud.ts";

const ROOM = "room of 10";

let at: ChatCloud;
let sendMessage: typeof Send.sendMessage;
let connectionId: string;
/** Connections that don't exist: a post to one costs as much as any other. */
const crowd = Array.from({ length: 9 }, (_, i) => `AAAAAAAAAAAAAA${i}=`);

beforeAll(async () => {
  at = await startChatCloud();
  const rate = { perSecond: 1, burst: 100 };
  Object.assign(process.env, {
    CONNECTIONS_TABLE: CONNECTIONS,
    MESSAGES_TABLE: MESSAGES,
    CONNECTIONS_URL: at.connectionsUrl,
    FAN_OUT: "nobody",
    RETENTION_DAYS: "0",
    LOBBY: "",
    LIMITS: JSON.stringify({ appends: rate, frames: rate, connects: rate, room: rate, strikes: 20 }),
  });
  ({ sendMessage } = await import("../../handlers/sendMessage.ts"));
  const { enterFirst } = await import("../../chat/rooms/join.ts");
  const reported = at.nextConnection();
  await TestClient.open(at.webSocketUrl);
  connectionId = await reported;
  const now = Date.now();
  const member = { connectedAt: now, tokenExpiresAt: now + 3_600_000, present: true } as const;
  const people = [connectionId, ...crowd].map((id, i) => ({
    ...member,
    id,
    user: { id: `person ${i}`, name: "Ana Maria Delgado" },
  }));
  for (const person of people) await enterFirst(CONNECTIONS as never, person, ROOM);
});
afterAll(() => at?.stop());

/** The counts in a row of the document's first table. */
function documented(action: string) {
  const row = readFileSync("docs/scale.md", "utf8").match(new RegExp(`^\\| ${action} +\\|(.*)\\|$`, "m"))?.[1] ?? "";
  const [, writeUnits, readUnits, posts] = row.split("|").map(Number);
  return { writeUnits, readUnits, posts };
}

test("a message in a quiet room of 10 uses as much as docs/scale.md says", async () => {
  const meter = new Meter(at.cloud);
  meter.addCrowd(crowd);
  const requestContext = {
    connectionId,
    requestId: "request 1",
    routeKey: "sendMessage",
    authorizer: { principalId: "person 0", name: "Ana Maria Delgado", tokenExpiresAt: String(Date.now() + 3_600_000) },
  };
  const body = JSON.stringify({ action: "sendMessage", room: ROOM, text: "hi" });
  await sendMessage({ requestContext, body } as never);
  const { writeUnits, readUnits, posts } = meter.usage;
  expect({ writeUnits, readUnits, posts }).toEqual(documented(`message, ${ROOM}`));
});
