/** Follows one local cloud from its start to Ctrl-C, with connections that end in between. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LocalCloud, startLocalCloud } from "../localCloud.ts";
import { TestClient } from "../webSocketClient.ts";
import { loggedObject } from "./functionLog.ts";

const IDLE_MS = 1_000;
const LIFETIME_MS = 2_500;

/** A connection that has ended, as its client saw it. */
interface Ended {
  id: string;
  code: number;
  reason: string;
  afterMs: number;
}

let cloud: LocalCloud;
/** Connections that have ended, by what their clients did. */
let ended: Record<"quiet" | "pinging" | "talking", Ended>;
/**
 * The effects of Ctrl-C. Three connections were open: an idle one, one that was waiting for a slow function, and one
 * that didn't read, so only the first two saw the end.
 */
let stopped: { exitCode: number | null; afterMs: number; ends: Ended[]; ids: string[] };

// The tests share one sequence of events, because each test that stops a cloud would otherwise need another start.
beforeAll(async () => {
  cloud = await startLocalCloud([
    ...["--program", "tests/programs/lifecycle"],
    ...["--idle", `${IDLE_MS / 1000}`, "--lifetime", `${LIFETIME_MS / 1000}`],
  ]);
  const [quiet, pinging, talking] = await Promise.all([
    liveUntilClosed(() => {}),
    liveUntilClosed((client) => client.socket.ping()),
    liveUntilClosed((client) => client.send("hello")),
  ]);
  ended = { quiet, pinging, talking };
  const [silent, waiting, deaf] = await Promise.all([connect(), connect(), connect()]);
  waiting.client.send({ action: "linger" });
  deaf.client.socket.pause();
  await loggedObject(cloud, "linger", (logged) => logged.lingering === waiting.id);
  const began = performance.now();
  const exitCode = await cloud.stop();
  const afterMs = performance.now() - began;
  deaf.client.socket.resume();
  const [silentEnd, waitingEnd] = await Promise.all([silent, waiting].map(endOf));
  stopped = {
    exitCode,
    afterMs,
    ends: [silentEnd as Ended, waitingEnd as Ended],
    ids: [silent.id, waiting.id, deaf.id],
  };
});
afterAll(() => cloud.stop());

interface Connected {
  client: TestClient;
  id: string;
  since: number;
}

async function connect(): Promise<Connected> {
  const client = await TestClient.open(cloud.outputs.url as string);
  const since = performance.now();
  client.send("which connection is this?");
  const { requestContext } = await client.next();
  return { client, id: requestContext.connectionId, since };
}

async function endOf({ client, id, since }: Connected): Promise<Ended> {
  const { code, reason } = await client.closed;
  return { id, code, reason, afterMs: performance.now() - since };
}

/** Connects and acts several times within the idle timeout, until the server closes the connection. */
async function liveUntilClosed(act: (client: TestClient) => void): Promise<Ended> {
  const connected = await connect();
  const acting = setInterval(() => act(connected.client), IDLE_MS / 5);
  const end = await endOf(connected);
  clearInterval(acting);
  return end;
}

/** The `$disconnect` event of a connection. */
async function disconnectOf({ id }: { id: string }) {
  const event = await loggedObject(cloud, "disconnect", (logged) => logged.requestContext?.connectionId === id);
  return event.requestContext;
}

describe("a connection", () => {
  it("is closed with 1001 after --idle without messages, and $disconnect runs", async () => {
    const { code, reason, afterMs } = ended.quiet;
    expect({ code, reason }).toEqual({ code: 1001, reason: "Going away" });
    expect(afterMs).toBeGreaterThan(IDLE_MS - 50);
    expect(afterMs).toBeLessThan(ended.talking.afterMs);
    expect((await disconnectOf(ended.quiet)).disconnectStatusCode).toBe(1001);
  });

  it("is idle even if its client pings, because only messages count", () => {
    expect(ended.pinging).toMatchObject({ code: 1001, reason: "Going away" });
    expect(ended.pinging.afterMs).toBeLessThan(ended.talking.afterMs);
  });

  it("is closed with 1001 after --lifetime even if its client sends messages, and $disconnect runs", async () => {
    const { code, reason, afterMs } = ended.talking;
    expect({ code, reason }).toEqual({ code: 1001, reason: "Going away" });
    expect(afterMs).toBeGreaterThan(LIFETIME_MS - 200);
    expect((await disconnectOf(ended.talking)).disconnectStatusCode).toBe(1001);
  });
});

describe("Ctrl-C", () => {
  it("ends the local cloud with exit code 0 within two seconds, whatever functions and clients are doing", () => {
    expect(stopped.exitCode).toBe(0);
    expect(stopped.afterMs).toBeLessThan(2_000);
    expect(cloud.reports.at(-1)?.event).toBe("stopped");
    expect(cloud.stderr()).toBe("");
  });

  it("closes connections with 1001", () => {
    expect(stopped.ends).toHaveLength(2);
    for (const { code } of stopped.ends) expect(code).toBe(1001);
  });

  it("runs $disconnect for every connection", async () => {
    expect(stopped.ids).toHaveLength(3);
    for (const id of stopped.ids) expect((await disconnectOf({ id })).disconnectStatusCode).toBe(1001);
  });
});

describe("the start", () => {
  const warnings = () => cloud.reports.flatMap((report) => (report.event === "warning" ? [report.message] : []));

  it("warns once about an unknown resource type, and the rest runs", () => {
    const unknown = warnings().filter((message) => message.includes("aws:kinesis/stream:Stream"));
    expect(unknown).toHaveLength(1);
    expect(unknown[0]).toMatch(/does not know .*"letters", "parcels" are registered and do nothing/);
    expect(ended.talking.id).toMatch(/=$/);
  });

  it("explains in one sentence which values are encrypted and how to supply them", () => {
    const encrypted = warnings().filter((message) => message.includes("lifecycle:token"));
    expect(encrypted).toHaveLength(1);
    expect(encrypted[0]).toMatch(/encrypted .*--config/);
    expect(encrypted[0]).not.toContain("AAABADQ");
    expect(encrypted[0]).not.toContain("\n");
  });

  it("prints no other warnings", () => {
    expect(warnings()).toHaveLength(2);
  });
});
