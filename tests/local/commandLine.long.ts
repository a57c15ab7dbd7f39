/** Each failing start prints a short explanation. */
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { spawnLocalCloud, startLocalCloud } from "../localCloud.ts";

/** Starts the local cloud and returns the one sentence that it ends with. */
async function sentenceOf(args: string[]): Promise<string> {
  const cloud = spawnLocalCloud(args);
  expect(await cloud.ended).toBe(1);
  expect(cloud.reports).toEqual([]);
  const said = cloud.stderr().trim();
  expect(said.split("\n")).toHaveLength(1);
  return said;
}

describe("a failing start prints one sentence", () => {
  it.each([
    { args: ["--port", "many"], says: [/--port/, /"many"/, /65535/] },
    { args: ["--port", "70000"], says: [/--port/, /"70000"/, /65535/] },
    { args: ["--idle", "0"], says: [/--idle/, /"0"/, /600/] },
    { args: ["--idle", "-1"], says: [/--idle/] },
    { args: ["--lifetime", "soon"], says: [/--lifetime/, /"soon"/, /7200/] },
    { args: ["--chaos", "yes"], says: [/--chaos/, /"yes"/] },
    { args: ["--open", "--no-page"], says: [/--open/, /--no-page/] },
    { args: ["--config", "color"], says: [/--config/, /"color"/, /KEY=VALUE/] },
    { args: ["--config"], says: [/--config/, /--help/] },
    { args: ["--color"], says: [/--color/, /--help/] },
    { args: ["4710"], says: [/4710/, /npm start -- --port/, /--help/] },
    { args: ["--data", ""], says: [/--data/, /""/, /folder/] },
    { args: ["--data", "/proc/x"], says: [/--data/, /"\/proc\/x"/, /choose another/] },
    { args: ["--data", "package.json/x"], says: [/--data/, /"package.json\/x"/, /choose another/] },
  ])("that names the invalid option: $args", async ({ args, says }) => {
    const sentence = await sentenceOf(args);
    for (const part of says) expect(sentence).toMatch(part);
  });

  it.each([
    { args: ["--program", "tests/local"], file: "tests/local/Pulumi.yaml" },
    { args: ["--program", "tests/nowhere"], file: "tests/nowhere/Pulumi.yaml" },
    { args: ["--program", "tests/programs/throws", "--stack", "prod"], file: "tests/programs/throws/Pulumi.prod.yaml" },
  ])("that names the missing file: $file", async ({ args, file }) => {
    expect(await sentenceOf(args)).toContain(file);
  });

  it("that says how to set the Region if nothing sets it", async () => {
    const program = await mkdtemp(join(tmpdir(), "region-"));
    await writeFile(join(program, "Pulumi.yaml"), "name: nowhere\nruntime: nodejs\n");
    expect(await sentenceOf(["--program", program])).toMatch(
      /^"aws:region" is not set: there is no .*Pulumi\.dev\.yaml; set it there, or with --config aws:region=eu-central-1$/,
    );
    await rm(program, { recursive: true });
  });

  it("that says where the program is if --program names a folder below it", async () => {
    expect(await sentenceOf(["--program", "tests/programs/throws/nowhere"])).toMatch(
      /there is no .*nowhere\/Pulumi.yaml: the program is in .*tests\/programs\/throws; run this there/,
    );
  });

  it("that names the project's folder if the start runs in a folder below it", () => {
    const { status, stderr } = spawnSync(process.execPath, ["../cli/launch.js", "local/start.ts"], { cwd: "chat" });
    expect(status).toBe(1);
    expect(`${stderr}`).toMatch(/^There is no local\/start.ts in .*chat: run this in .*\n$/);
  });

  it("before the program runs, naming the process that already uses the data", async () => {
    const data = await mkdtemp(join(tmpdir(), "data-"));
    const first = await startLocalCloud(["--data", data, "--program", "tests/programs/lifecycle"]);
    const sentence = await sentenceOf(["--data", data, "--program", "tests/programs/throws"]);
    expect(sentence).toContain(`in use by another local cloud, process ${first.process.pid}`);
    await first.stop();
    // The lock of a process that was killed doesn't count.
    await writeFile(join(data, "lock"), `${first.process.pid}`);
    const second = await startLocalCloud(["--data", data, "--program", "tests/programs/lifecycle"]);
    expect(await second.stop()).toBe(0);
    await rm(data, { recursive: true });
  });

  it("that names a port in use", async () => {
    const occupant = createServer().listen(0, "127.0.0.1");
    await once(occupant, "listening");
    const { port } = occupant.address() as AddressInfo;
    const sentence = await sentenceOf(["--port", `${port}`, "--program", "tests/programs/throws"]);
    expect(sentence).toContain(`port ${port} is in use`);
    expect(sentence).toContain("--port");
    occupant.close();
  });
});

describe("a value that the program refuses", () => {
  it("is traced to --config", async () => {
    const cloud = spawnLocalCloud(["--config", "chat:memory=much"]);
    expect(await cloud.ended).toBe(1);
    const errors = cloud.reports.flatMap((report) => (report.event === "error" ? [report.message] : []));
    expect(errors.join("\n")).toContain("chat:memory was given by --config chat:memory=much");
  });
});

describe("a program that throws", () => {
  it("ends the start with exit code 1, after the program's own error with file and line", async () => {
    const cloud = spawnLocalCloud(["--program", "tests/programs/throws"]);
    expect(await cloud.ended).toBe(1);
    const errors = cloud.reports.flatMap((report) => (report.event === "error" ? [report.message] : []));
    expect(errors).toHaveLength(1);
    const error = errors[0] as string;
    // Only terminals get colors.
    expect(error).toBe(stripVTControlCharacters(error));
    expect(error).toContain("Error: the bottom drawer is stuck");
    expect(error).toContain("tests/programs/throws/drawer.ts:2:");
    expect(error).toContain("tests/programs/throws/index.ts:3:");
    expect(cloud.reports.map(({ event }) => event)).not.toContain("ready");
    // The local cloud's own stack frames would help nobody, so there are none.
    expect(cloud.stderr().trim().split("\n")).toHaveLength(1);
  });
});
