/** Starts that come to nothing: what is said, and that it is said shortly. */
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { spawnLocalCloud } from "../localCloud.ts";

/** Starts it and gives the one sentence that it ends with. */
async function sentenceOf(args: string[]): Promise<string> {
  const cloud = spawnLocalCloud(args);
  expect(await cloud.ended).toBe(1);
  expect(cloud.reports).toEqual([]);
  const said = cloud.stderr().trim();
  expect(said.split("\n")).toHaveLength(1);
  return said;
}

describe("a start is refused with one sentence", () => {
  it.each([
    { args: ["--port", "many"], says: [/--port/, /"many"/, /65535/] },
    { args: ["--port", "70000"], says: [/--port/, /"70000"/, /65535/] },
    { args: ["--idle", "0"], says: [/--idle/, /"0"/, /600/] },
    { args: ["--idle", "-1"], says: [/--idle/] },
    { args: ["--lifetime", "soon"], says: [/--lifetime/, /"soon"/, /7200/] },
    { args: ["--chaos", "yes"], says: [/--chaos/, /"yes"/] },
    { args: ["--config", "colour"], says: [/--config/, /"colour"/, /KEY=VALUE/] },
    { args: ["--config"], says: [/--config/, /--help/] },
    { args: ["--colour"], says: [/--colour/, /--help/] },
    { args: ["colour"], says: [/colour/, /--help/] },
  ])("that names the bad option: $args", async ({ args, says }) => {
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

  it("that names the port when it is in use", async () => {
    const occupant = createServer().listen(0, "127.0.0.1");
    await once(occupant, "listening");
    const { port } = occupant.address() as AddressInfo;
    const sentence = await sentenceOf(["--port", `${port}`, "--program", "tests/programs/throws"]);
    expect(sentence).toContain(`port ${port} is in use`);
    expect(sentence).toContain("--port");
    occupant.close();
  });
});

describe("a program that throws", () => {
  it("ends it with exit code 1, after the program's own error with file and line", async () => {
    const cloud = spawnLocalCloud(["--program", "tests/programs/throws"]);
    expect(await cloud.ended).toBe(1);
    const errors = cloud.reports.flatMap((report) => (report.event === "error" ? [report.message] : []));
    expect(errors).toHaveLength(1);
    const error = stripVTControlCharacters(errors[0] as string);
    expect(error).toContain("Error: the bottom drawer is stuck");
    expect(error).toContain("tests/programs/throws/drawer.ts:2:");
    expect(error).toContain("tests/programs/throws/index.ts:3:");
    expect(cloud.reports.map(({ event }) => event)).not.toContain("ready");
    // Where the local cloud itself was when it heard of it is nobody's concern.
    expect(cloud.stderr().trim().split("\n")).toHaveLength(1);
  });
});
