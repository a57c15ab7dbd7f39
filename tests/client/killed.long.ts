/** After a kill -9 of the loaded cloud or of a client, acknowledged messages are stored once and in order. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Acknowledged } from "../../client/index.ts";
import { type LocalCloud, startLocalCloud } from "../localCloud.ts";
import { People } from "./people.ts";
import { Reader } from "./reader.ts";

let cloud: LocalCloud;
let people: People;
let folder: string;
let url: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "chat-killed-"));
  cloud = await startLocalCloud(["--data", join(folder, "data")]);
  url = cloud.outputs.webSocketUrl as string;
  people = new People(url);
});
afterEach(() => people.leave());
afterAll(async () => {
  await cloud?.stop();
  await rm(folder, { recursive: true, force: true });
});

const textsOf = (name: string, count: number) => Array.from({ length: count }, (_, i) => `${name} ${i}`);

test("after a kill -9 and restart of the cloud, clients continue by themselves, and no acknowledged message is lost", async () => {
  const each = 40;
  const names = ["ana", "bob"];
  const clients = names.map((name) => people.client(name, { heartbeatMs: 1_000 }));
  const readers = [...clients, people.client("eve", { heartbeatMs: 1_000 })].map(
    (client) => new Reader(client.room("killed cloud"), 0),
  );
  const acknowledged = new Map<string, Acknowledged>();
  const sent = clients.flatMap((client, i) =>
    textsOf(names[i] as string, each).map((text) => {
      const { id, acknowledged: ack } = client.room("killed cloud").send(text);
      return ack.then((place) => void acknowledged.set(id, place));
    }),
  );
  await readers[2]?.until(({ texts }) => texts.length >= 30);
  cloud.process.kill("SIGKILL");
  await cloud.ended;
  const before = new Map(acknowledged);
  expect(before.size).toBeLessThan(2 * each);

  cloud = await startLocalCloud(["--data", join(folder, "data"), "--port", new URL(url).port]);
  expect(cloud.outputs.webSocketUrl).toBe(url);
  await Promise.all(sent);
  const late = new Reader(people.client("dan").room("killed cloud"), 0);
  for (const reader of [...readers, late]) await reader.until(({ texts }) => texts.length >= 2 * each);

  for (const { entries } of readers) expect(entries).toEqual(late.entries);
  for (const name of names) expect(late.texts.filter((text) => text.startsWith(name))).toEqual(textsOf(name, each));
  expect(late.texts).toHaveLength(2 * each);
  // Messages are at their acknowledged positions, including those acknowledged before the kill.
  const places = new Map(late.entries.map(({ id, seq, sentAt }) => [id, { seq, sentAt }]));
  for (const [id, place] of [...before, ...acknowledged]) expect(places.get(id)).toEqual(place);
  expect(clients.flatMap((client) => client.room("killed cloud").outgoing)).toEqual([]);
});

test("after a kill -9 of a client, the next one with its store sends the remaining messages in order and once", async () => {
  const reader = new Reader(people.client("eve").room("killed client"), 0);
  const first = sender(30);
  await first.says("stored");
  await reader.until(({ texts }) => texts.length >= 10);
  first.process.kill("SIGKILL");
  await once(first.process, "close");
  const second = sender(0);
  await second.says("nothing left");
  second.process.kill();
  await reader.until(({ texts }) => texts.length >= 30);
  expect(reader.texts).toEqual(textsOf("ana", 30));
});

/** A process whose client sends the messages left in its store, and then this many new ones. */
function sender(count: number): { process: ChildProcess; says(line: string): Promise<void> } {
  const from = (file: string) => JSON.stringify(new URL(`../../${file}`, import.meta.url).href);
  const program = `
    import { requestToken } from ${from("cli/localIssuer.ts")};
    import { Client } from ${from("client/index.ts")};
    import { fileStore } from ${from("client/store/index.ts")};
    const store = fileStore(${JSON.stringify(join(folder, "unsent.json"))});
    const puts = [];
    const client = new Client({
      url: ${JSON.stringify(url)},
      token: () => requestToken(${JSON.stringify(`http://${new URL(url).host}`)}, { user: "ana" }),
      store: { ...store, put: (append) => { const put = store.put(append); puts.push(put); return put; } },
    });
    const room = client.room("killed client");
    room.subscribe({ outgoing: (appends) => appends.length === 0 && console.log("nothing left") });
    for (let i = 0; i < ${count}; i++) room.send("ana " + i);
    await Promise.all(puts);
    console.log("stored");`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout });
  const said = new Set<string>();
  lines.on("line", (line) => said.add(line));
  return {
    process: child,
    async says(line) {
      while (!said.has(line)) await once(lines, "line");
    },
  };
}
