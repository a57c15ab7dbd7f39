/** Tests starts that serve what the program registered last time, before it has run again. */
import { afterAll, expect, test } from "vitest";
import { handler, program } from "./reloadedProgram.ts";
import { answerOf, confirmed, RestartedProgram, wasRemembered } from "./restartedProgram.ts";

let restarted: RestartedProgram | undefined;
afterAll(() => restarted?.remove());

test("a start serves at once what was registered last time, and the program runs again, unless a file has changed", async () => {
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
}, 60_000);
