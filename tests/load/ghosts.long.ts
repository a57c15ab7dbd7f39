/** Runs the program's sweep in a local cloud with a thousand connections that ended without `$disconnect`. */
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { startTarget, type Target } from "../e2e/target.ts";
import { hear, say } from "../rooms/requests.ts";
import type { TestClient } from "../webSocketClient.ts";
import { keyOf, Operator, type Row } from "./operator.ts";

const CLIENTS = 1_000;
const AT_ONCE = 50;
const MINUTE_MS = 60_000;
const EVERY_MINUTES = 5;

let target: Target;
let operator: Operator;

beforeAll(async () => {
  // The interval of the sweep's schedule is longer than this test, so the test invokes the sweep itself.
  const config = {
    connectRate: 100_000,
    handshakeRate: 10_000,
    throttleRate: 10_000,
    throttleBurst: 5_000,
    sweepMinutes: EVERY_MINUTES,
  };
  target = await startTarget(Object.entries(config).flatMap(([key, value]) => ["--config", `${key}=${value}`]));
  operator = await Operator.of(target.issuer as string);
});
afterAll(() => target?.stop());

let clients: TestClient[] = [];
afterEach(async () => {
  await kill(clients);
  clients = [];
});

test("after a storm of 1,000 clients that reconnect at once, one sweep removes all rows of the old connections and nothing else", async () => {
  const before = await connectInTurns();
  const ghosts = await killWithoutAWord(before);
  clients = await Promise.all(before.map((_, i) => target.connect(nameOf(i))));
  // The checks are due in 20 s, which may be in the next minute.
  await letPass(1);
  const rows = await presence();
  const ofGhosts = rows.filter(({ connectionId }) => ghosts.has(connectionId));
  // Each connection has its own row, its user's row, and two for the lobby.
  expect([ofGhosts.length, rows.length]).toEqual([4 * CLIENTS, 8 * CLIENTS]);

  const line = await sweep();

  expect(line).toMatchObject({ lookedCount: 2 * CLIENTS, goneCount: CLIENTS, closedCount: 0, failedCount: 0 });
  expect(byKey(await presence())).toEqual(byKey(rows.filter((row) => !ofGhosts.includes(row))));
  await say(clients[0] as TestClient, "lobby", "who is there?");
  await Promise.all(clients.map((client) => hear(client, "who is there?")));
});

test("1,000 connections that die after a sweep has found them open are gone after two more sweeps", async () => {
  clients = await connectInTurns();
  await letPass(EVERY_MINUTES);
  const line = await sweep();
  expect(line).toMatchObject({ lookedCount: CLIENTS, goneCount: 0, closedCount: 0, failedCount: 0 });
  expect(await presence()).toHaveLength(4 * CLIENTS);
  const ghosts = await killWithoutAWord(clients);
  expect((await presence()).filter(({ connectionId }) => ghosts.has(connectionId))).toHaveLength(4 * CLIENTS);

  for (let i = 0; i < 2; i++) {
    await letPass(EVERY_MINUTES);
    await sweep();
  }

  expect(await presence()).toEqual([]);
});

const nameOf = (i: number) => `user-${i}`;

async function connectInTurns(): Promise<TestClient[]> {
  const connected: TestClient[] = [];
  while (connected.length < CLIENTS) {
    const opened = Array.from({ length: AT_ONCE }, (_, i) => target.connect(nameOf(connected.length + i)));
    connected.push(...(await Promise.all(opened)));
  }
  return connected;
}

/** Rows of connections and of memberships. */
async function presence(): Promise<Row[]> {
  const rows = await operator.rowsOf("connections");
  return rows.filter(({ pk, connectedAt }) => connectedAt !== undefined && !pk.startsWith("DUE#"));
}

/** Ends connections without a close frame, and waits until `$disconnect` has run for each. */
async function kill(killed: TestClient[]): Promise<void> {
  const open = killed.filter(({ socket }) => socket.readyState === socket.OPEN);
  const told = linesFromHere("$disconnect");
  for (const { socket } of open) socket.terminate();
  await vi.waitUntil(() => told().length >= open.length, { timeout: 50_000, interval: 100 });
}

/**
 * Ends connections and then undoes `$disconnect`: restores the removed rows, a minute older, as if `$disconnect` had
 * never run.
 *
 * @returns ids of the ended connections
 */
async function killWithoutAWord(killed: TestClient[]): Promise<Set<string>> {
  const rows = await presence();
  await kill(killed);
  expect(await presence()).toEqual([]);
  await operator.write(
    "connections",
    rows.map((row) => ({ PutRequest: { Item: older(row, 1) } })),
  );
  return new Set(rows.map(({ connectionId }) => connectionId));
}

/** Moves all times in the table back, as if this many minutes had passed. */
async function letPass(minutes: number): Promise<void> {
  const rows = await operator.rowsOf("connections");
  const due = rows.filter(({ pk }) => pk.startsWith("DUE#"));
  await operator.write(
    "connections",
    due.map((row) => ({ DeleteRequest: { Key: keyOf(row) } })),
  );
  await operator.write(
    "connections",
    rows.map((row) => ({ PutRequest: { Item: older(row, minutes) } })),
  );
}

function older(row: Row, minutes: number): Row {
  const ms = minutes * MINUTE_MS;
  const further = {
    connectedAt: row.connectedAt - ms,
    tokenExpiresAt: row.tokenExpiresAt - ms,
    expiresAt: row.expiresAt - ms / 1_000,
    // Only the row with the sweep's progress has this field.
    through: row.through - minutes,
  };
  const known = Object.entries(further).filter(([name]) => row[name] !== undefined);
  const pk = row.pk.replace(/^DUE#(\d+)/, (_: string, minute: string) => `DUE#${Number(minute) - minutes}`);
  return { ...row, pk, ...Object.fromEntries(known) };
}

/** @returns the sweep's log line */
async function sweep(): Promise<Row> {
  const lines = linesFromHere("sweep");
  await operator.invoke("sweep");
  return vi.waitUntil(() => lines()[0], 5_000);
}

/** @returns a function that returns the log lines for this route since this call */
function linesFromHere(route: string): () => Row[] {
  const reports = target.cloud?.reports ?? [];
  const from = reports.length;
  return () =>
    reports
      .slice(from)
      .flatMap((report) =>
        report.event === "log" && report.line.includes(`"route":"${route}","`) ? [report.line] : [],
      )
      .map((line) => JSON.parse(line.slice(line.indexOf("{"))));
}

const byKey = (rows: Row[]) => Object.fromEntries(rows.map((row) => [`${row.pk} ${row.sk}`, row]));
