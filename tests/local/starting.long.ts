/** Tests the time between the start of the local cloud and "ready". */
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { stripVTControlCharacters } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { systemClock } from "../../local/clock.ts";
import type { Cloud } from "../../local/cloud.ts";
import { jsonReporter, peopleReporter, type Report, type Reporter } from "../../local/report.ts";
import { spawnLocalCloud, startLocalCloud } from "../localCloud.ts";
import { type HandshakeRefused, TestClient } from "../webSocketClient.ts";
import { startProgram } from "./startProgram.ts";

const FOLDER = join(import.meta.dirname, "../programs/lifecycle");

describe("while the program is starting", () => {
  let cloud: Cloud | undefined;
  afterEach(() => cloud?.stop());

  it("clients get 503 with an explanation, and 403 for unknown paths once it has started", async () => {
    const started = await startProgram(FOLDER, "../../../tsconfig.pulumi.json", systemClock, {
      "lifecycle:token": "x",
    });
    cloud = started.cloud;
    const url = `${cloud.issuerUrl}/dev`;

    const early = await fetch(url);
    expect(early.status).toBe(503);
    expect(early.headers.get("retry-after")).toBe("1");
    expect(await early.json()).toEqual({ message: "The program is still starting; try again in a few seconds." });
    expect(await statusOfHandshake(url)).toBe(503);

    await started.deployed;
    expect((await fetch(`${cloud.issuerUrl}/nowhere`)).status).toBe(403);
    expect(await statusOfHandshake(`${cloud.issuerUrl}/nowhere`)).toBe(403);
  });
});

async function statusOfHandshake(url: string): Promise<number> {
  const refused = await TestClient.open(url.replace("http", "ws")).catch((error: HandshakeRefused) => error);
  return (refused as HandshakeRefused).status;
}

describe("a start", () => {
  it.skipIf(process.platform !== "linux" || process.execve === undefined)(
    "limits glibc's malloc arenas, and keeps its process id",
    async () => {
      const cloud = spawnLocalCloud(["--program", FOLDER], { MALLOC_ARENA_MAX: "" });
      await cloud.waitFor("ready");
      const environment = await readFile(`/proc/${cloud.process.pid}/environ`, "utf8");
      await cloud.stop();
      expect(environment.split("\0")).toContain("MALLOC_ARENA_MAX=2");
    },
  );

  it("prints everything in chronological order", async () => {
    const cloud = await startLocalCloud(["--program", "tests/programs/lifecycle"]);
    await cloud.stop();
    const times = cloud.reports.map((report) => (report as Report & { at: string }).at);
    expect(times).toEqual(times.toSorted());
    const events = cloud.reports.map(({ event }) => event);
    expect(events.indexOf("step")).toBeLessThan(events.indexOf("ready"));
  });

  it("warns about another program on ::1 at the same port", async (test) => {
    const other = createServer().listen(0, "::1");
    const listens = await Promise.race([
      once(other, "listening").then(() => true),
      once(other, "error").then(() => false),
    ]);
    if (!listens) return test.skip();
    const { port } = other.address() as AddressInfo;
    const cloud = await startLocalCloud(["--program", "tests/programs/lifecycle", "--port", `${port}`]);
    const warning = await cloud.waitFor("warning", ({ message }) => message.includes("::1"));
    expect(warning.message).toContain(`[::1]:${port}`);
    await cloud.stop();
    other.close();
  });
});

describe.each([
  ["lines for people", peopleReporter],
  ["JSON lines", jsonReporter],
])("%s in a file", (_, reporter) => {
  it("have no colors, whatever the program writes", async () => {
    const colored = "\u001b[31mred\u001b[39m";
    const written = await textOf(reporter, [
      { event: "error", message: colored },
      { event: "program", line: colored },
      { event: "progress", resources: 1, functions: 0 },
      { event: "ready", outputs: {}, ms: 1 },
    ]);
    expect(written).toContain("red");
    expect(stripVTControlCharacters(written)).toBe(written);
    expect(written).not.toContain("u001b");
    expect(written).not.toContain("\r");
    expect(written.trim().split("\n")).toHaveLength(4);
  });
});

describe("lines for people", () => {
  const reports: Report[] = [
    { event: "log", group: "/aws/lambda/orders", line: "START RequestId: 1 Version: $LATEST" },
    { event: "log", group: "/aws/lambda/orders", line: "2026-12-01T00:00:00.000Z\t1\tINFO\tpaid\nin full" },
    { event: "log", group: "/aws/lambda/orders", line: "2026-12-01T00:00:00.000Z\t1\tERROR\tnot paid" },
    { event: "log", group: "/aws/lambda/orders", line: "END RequestId: 1" },
  ];

  it("show what functions log if they are asked to, without Lambda's own lines", async () => {
    const written = await textOf((out) => peopleReporter(out, { logs: true }), reports);
    expect(written).toBe(
      ["log        orders: paid", "           in full", "log        orders: ERROR not paid", ""].join("\n"),
    );
  });

  it("don't show it otherwise", async () => {
    expect(await textOf(peopleReporter, reports)).toBe("");
  });
});

async function textOf(reporter: (out: NodeJS.WritableStream) => Reporter, reports: Report[]): Promise<string> {
  const out = new PassThrough();
  const report = reporter(out);
  for (const each of reports) report(each);
  out.end();
  return text(out);
}
