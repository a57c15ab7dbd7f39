/** Stops `npm start` the way a shell, CI or a process manager does. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface, type Interface } from "node:readline";
import { expect, it } from "vitest";
import type { Report } from "../../local/report.ts";
import { TestClient } from "../webSocketClient.ts";

interface Started {
  npm: ChildProcess;
  /** Resolves when the last process that can write to the output has ended. */
  lines: Interface;
  reports: Report[];
  url: string;
}

/** Runs `npm start` with its output in a pipe, until it is ready. */
async function npmStart(): Promise<Started> {
  const args = ["run", "-s", "start", "--", "--json", "--port", "0", "--program", "tests/programs/lifecycle"];
  const npm = spawn("npm", args, { stdio: ["ignore", "pipe", "inherit"] });
  const lines = createInterface({ input: npm.stdout });
  const reports: Report[] = [];
  const url = await new Promise<string>((resolve, reject) => {
    lines.on("line", (line) => {
      const report = JSON.parse(line) as Report;
      reports.push(report);
      if (report.event === "ready") resolve(report.outputs.url as string);
    });
    lines.once("close", () => reject(new Error("npm start ended before it was ready")));
  });
  return { npm, lines, reports, url };
}

it("SIGTERM to npm runs $disconnect and then ends everything, even if the output is piped", async () => {
  const { npm, lines, reports, url } = await npmStart();
  const client = await TestClient.open(url);
  npm.kill("SIGTERM");
  await once(lines, "close");
  expect((await client.closed).code).toBe(1001);
  const events = reports.map(({ event }) => event);
  expect(events.at(-1)).toBe("stopped");
  expect(events).toContain("disconnected");
  const disconnected = reports.some((report) => report.event === "log" && report.line.includes('"DISCONNECT"'));
  expect(disconnected).toBe(true);
});

it("everything also ends when the reader of the piped output is gone", async () => {
  const { npm, url } = await npmStart();
  const client = await TestClient.open(url);
  npm.stdout?.destroy();
  // This message causes a line of output, which nobody reads anymore.
  client.send("hello");
  expect((await client.closed).code).toBe(1001);
  if (npm.exitCode === null) await once(npm, "exit");
});
