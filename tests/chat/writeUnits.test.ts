/** Tests the write units that DynamoDB reports for a whole message, measured with the functions themselves. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type * as Send from "../../handlers/sendMessage.ts";
import { TestClient } from "../webSocketClient.ts";
import { type ChatCloud, CONNECTIONS, MESSAGES, startChatCloud } from "./chatCloud.ts";

let at: ChatCloud;
let sendMessage: typeof Send.sendMessage;
let client: TestClient;
let connectionId: string;
let units = 0;

beforeAll(async () => {
  at = await startChatCloud();
  const rate = { perSecond: 1, burst: 100 };
  Object.assign(process.env, {
    CONNECTIONS_TABLE: CONNECTIONS,
    MESSAGES_TABLE: MESSAGES,
    CONNECTIONS_URL: at.connectionsUrl,
    FAN_OUT: "nobody",
    RETENTION_DAYS: "0",
    LOBBY: "lobby",
    LIMITS: JSON.stringify({ appends: rate, frames: rate, connects: rate, room: rate, strikes: 20 }),
  });
  ({ sendMessage } = await import("../../handlers/sendMessage.ts"));
  const { addConnection } = await import("../../chat/connections/connections.ts");
  const { enterFirst } = await import("../../chat/rooms/join.ts");
  const reported = at.nextConnection();
  client = await TestClient.open(at.webSocketUrl);
  connectionId = await reported;
  const now = Date.now();
  const user = { id: "ana", name: "Ana" };
  const connection = { id: connectionId, user, connectedAt: now, tokenExpiresAt: now + 3_600_000 };
  await addConnection(CONNECTIONS as never, connection, 300_000, ["lobby"]);
  await enterFirst(CONNECTIONS as never, connection, "lobby");
  const { call } = at.cloud.store;
  at.cloud.store.call = async (operation, body) => {
    const asked = JSON.stringify({ ...JSON.parse(body), ReturnConsumedCapacity: "TOTAL" });
    const answer = await call.call(at.cloud.store, operation, asked);
    // A failed condition is charged like the write that it guards, here less than 1 KB, and isn't reported.
    if (/^(Put|Update|Delete)Item$/.test(operation)) {
      units += answer.status === 200 ? JSON.parse(answer.body).ConsumedCapacity.CapacityUnits : 1;
    }
    return answer;
  };
});
afterAll(() => at?.stop());

async function costOf(text: string): Promise<number> {
  units = 0;
  const requestContext = {
    connectionId,
    requestId: `request ${Math.random()}`,
    routeKey: "sendMessage",
    authorizer: { principalId: "ana", name: "Ana", tokenExpiresAt: String(Date.now() + 3_600_000) },
  };
  await sendMessage({ requestContext, body: JSON.stringify({ action: "sendMessage", text }) } as never);
  expect((await client.next(({ type }) => type === "event")).entries[0].text).toBe(text);
  return units;
}

test("a message of up to 750 bytes costs 4 write units in a quiet room, and 5 in a burst", async () => {
  // The first message of a new connection also makes its sender present in one room, which costs 3 units.
  expect(await costOf("hello")).toBe(4 + 3);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect(await costOf("x".repeat(750))).toBe(4);
  for (const text of ["a", "b", "c"]) expect(await costOf(text)).toBe(5);
});
