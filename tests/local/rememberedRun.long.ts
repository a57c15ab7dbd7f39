/** Tests starts that serve what the program registered last time, before it has run again. */
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { LocalCloud } from "../localCloud.ts";
import { handler, program } from "./reloadedProgram.ts";
import { answerOf, confirmed, RestartedProgram, wasRemembered } from "./restartedProgram.ts";

const reloads = ({ reports }: LocalCloud) => reports.filter(({ event }) => event === "reloaded").length;

let restarted: RestartedProgram | undefined;
afterEach(() => restarted?.remove());

describe("a start that serves what was registered last time", { timeout: 60_000 }, () => {
  it("serves it at once, and runs the program again, unless a file has changed", async () => {
    restarted = await RestartedProgram.make(program());
    expect(wasRemembered(await restarted.start())).toBe(false);

    const second = await restarted.start();
    expect(wasRemembered(second)).toBe(true);
    expect(await answerOf(second)).toMatchObject({ said: "one", greeting: "hello" });
    await confirmed(second);
    // Saves are applied as after any other start.
    await restarted.folder.save("handler.ts", handler("two"));
    expect((await second.waitFor("reloaded")).what).toEqual(["answer"]);
    expect(await answerOf(second)).toMatchObject({ said: "two" });

    const third = await restarted.start();
    expect(wasRemembered(third)).toBe(false);
    expect(await answerOf(third)).toMatchObject({ said: "two" });
  });

  it("applies the changes when the program now registers something else", async () => {
    restarted = await RestartedProgram.make(program({ greeting: '" + process.env.GREETING_NOW + "' }));
    await restarted.start({ GREETING_NOW: "good morning" });
    const second = await restarted.start({ GREETING_NOW: "good evening" });
    expect(wasRemembered(second)).toBe(true);
    expect((await second.waitFor("reloaded")).what).toEqual(["~ Function answer"]);
    expect(await answerOf(second)).toMatchObject({ greeting: "good evening" });
  });

  it("reports only one reload for a save that is made while the program runs", async () => {
    restarted = await RestartedProgram.make(program());
    await restarted.start();
    const second = await restarted.start();
    await restarted.folder.save("handler.ts", handler("two"));
    await second.waitFor("reloaded");
    expect(await answerOf(second)).toMatchObject({ said: "two" });
    await restarted.folder.save("handler.ts", handler("three"));
    await second.waitFor("reloaded", () => reloads(second) === 2);
    expect(await answerOf(second)).toMatchObject({ said: "three" });
    expect(reloads(second)).toBe(2);
  });

  it("applies a save without waiting for the program, which then starts over", async () => {
    const last = `while (process.env.BLOCKED_BY && require("node:fs").existsSync(process.env.BLOCKED_BY)) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    }`;
    restarted = await RestartedProgram.make(program({ last }));
    await restarted.start();
    const blocked = join(restarted.cache, "blocked");
    await writeFile(blocked, "");
    const second = await restarted.start({ BLOCKED_BY: blocked });
    expect(wasRemembered(second)).toBe(true);
    await restarted.folder.save("handler.ts", handler("two"));
    expect((await second.waitFor("reloaded")).what).toEqual(["answer"]);
    expect(await answerOf(second)).toMatchObject({ said: "two" });
    await rm(blocked);
    await confirmed(second);
    expect(reloads(second)).toBe(1);
  });

  it("reports that the program fails now, and keeps what is served", async () => {
    restarted = await RestartedProgram.make(
      program({ last: 'if (process.env.FAILS) throw new Error("no such day");' }),
    );
    await restarted.start();
    const second = await restarted.start({ FAILS: "yes" });
    expect((await second.waitFor("error")).message).toContain("no such day");
    expect(await answerOf(second)).toMatchObject({ said: "one" });
  });

  it("doesn't exist for a program that registers a secret, because secrets aren't stored", async () => {
    const secret = 'new aws.sqs.Queue("told", { tags: { word: pulumi.secret("open sesame") } });';
    restarted = await RestartedProgram.make(program({ last: secret }));
    await restarted.start();
    const runs = join(restarted.cache, "runs");
    const names = await readdir(runs).catch(() => []);
    const stored = await Promise.all(names.map((name) => readFile(join(runs, name), "utf8")));
    expect(stored.join()).not.toContain("open sesame");
    expect(wasRemembered(await restarted.start())).toBe(false);
  });
});
