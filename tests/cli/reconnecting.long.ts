/** The terminal client while its cloud stops and restarts. */
import { afterEach, expect, test } from "vitest";
import { type LocalCloud, startLocalCloud } from "../localCloud.ts";
import { Command, endCommands } from "./command.ts";

let cloud: LocalCloud;

afterEach(async () => {
  endCommands();
  await cloud?.stop();
});

test("chat reconnects when the cloud is started again at its port", { timeout: 60_000 }, async () => {
  cloud = await startLocalCloud();
  const url = cloud.outputs.webSocketUrl as string;
  const ana = new Command(process.execPath, ["cli/launch.js", "cli/chat.ts", "--name", "ana", "--url", url]);
  await ana.prints(/connected to ws:/);

  await cloud.stop();
  await ana.prints(/1001; trying again/);
  ana.process.stdin.write("into the void\n");
  await ana.prints(/not sent yet: into the void\n/);

  cloud = await startLocalCloud(["--port", new URL(url).port]);
  // By now, pauses between attempts may have grown to 16 s.
  await ana.prints(/connected to ws:.*trying again.*connected to ws:.*\d\d:\d\d ana: into the void\n/s, 25);
  ana.process.stdin.write("here again\n");
  await ana.prints(/\d\d:\d\d ana: here again\n/);
  expect(ana.stderr).toBe("");
});
