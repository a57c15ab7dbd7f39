/** `npm run bench:room`: measures one room with very many members. */
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { commandLine } from "../cli/commandLine.ts";
import { type MembersOrder, type Pushed, serveMembers } from "./members.ts";
import type { Usage } from "./meter.ts";
import { startMeteredCloud, UNLIMITED } from "./meteredCloud.ts";
import { ask, startPart } from "./part.ts";
import { Sender } from "./sender.ts";

const HELP = `Starts a local cloud and connects many members to its lobby, from two processes. One message, and then ten at
once, must reach everyone exactly once. Then some members leave at the same time: the room must contain exactly the
remaining members, and another message must reach them. Prints how fast members connect, how much memory each takes, and
how long messages take to reach everyone.

  npm run bench:room -- [options]

  --members N   members of the room                         (default: 10000)
  --leave N     members who leave at the same time          (default: 1000)
  --help        print this
`;

/** Maximum time from sending a message until everyone has it, in milliseconds. */
const MAX_MS = 5_000;

/** Number of client processes: one alone would be slower than the local cloud. */
const PROCESSES = 2;

const SELF = fileURLToPath(import.meta.url);

interface State {
  usage: Usage;
  memoryMb: number;
  /** Number of member rows in the lobby. */
  rows: number;
}

async function bench(): Promise<void> {
  const options = commandLine(HELP, {
    members: { type: "string", default: "10000" },
    leave: { type: "string", default: "1000" },
  });
  const [members, leaving] = [Number(options.members), Number(options.leave)];
  const cloud = startPart(SELF, "cloud");
  const parts = Array.from({ length: PROCESSES }, () => startPart(SELF, "members"));
  const { url, issuer } = (await ask(cloud, {})) as { url: string; issuer: string };
  const sender = await Sender.connect(url, issuer, "sender");
  // The first message starts the functions.
  await sender.send();
  const empty = (await ask(cloud, {})) as State;

  console.log(`connecting ${members} members from ${PROCESSES} processes …`);
  const connecting = performance.now();
  const count = Math.ceil(members / PROCESSES);
  await Promise.all(
    parts.map((part, i) => ask(part, { url, issuer, count, name: `reader-${i}` } satisfies MembersOrder)),
  );
  const connects = (count * PROCESSES) / ((performance.now() - connecting) / 1_000);
  const full = (await ask(cloud, {})) as State;
  const each = (1_024 * (full.memoryMb - empty.memoryMb)) / (count * PROCESSES);
  console.log(
    `${connects.toFixed(0)} connects/s; ${full.memoryMb.toFixed(0)} MB, of which ${each.toFixed(0)} KB for each member`,
  );

  const verdicts: [what: string, holds: boolean][] = [];
  /** Sends messages at once, and waits until everyone has received them. */
  const send = async (messages: number, to: number) => {
    const sentAt = Date.now();
    const outcomes = await Promise.all(Array.from({ length: messages }, () => sender.send()));
    const pushed = (await Promise.all(parts.map((part) => ask(part, { acked: messages })))) as Pushed[];
    const sum = (what: "entries" | "doubled") => pushed.reduce((total, one) => total + one[what], 0);
    const ms = Math.max(...pushed.map(({ lastAt }) => lastAt)) - sentAt;
    const missed = messages * to - sum("entries");
    const what = `${messages} at once to ${to} members`;
    console.log(
      `${what}: everyone had them after ${ms} ms (${((messages * to) / (ms / 1_000)).toFixed(0)} deliveries/s); ` +
        `${missed} missed, ${sum("doubled")} doubled`,
    );
    const isAcked = outcomes.every((outcome) => outcome === "ack");
    verdicts.push([`${what}: each exactly once`, isAcked && missed === 0 && sum("doubled") === 0]);
    if (messages === 1) verdicts.push([`${what}: within ${MAX_MS} ms`, ms <= MAX_MS]);
  };
  await send(1, count * PROCESSES);
  await send(10, count * PROCESSES);

  const gone = Math.ceil(leaving / PROCESSES);
  console.log(`${gone * PROCESSES} members leave at the same time …`);
  const before = (await ask(cloud, {})) as State;
  const left = performance.now();
  await Promise.all(parts.map((part) => ask(part, { leave: gone })));
  const after = (await ask(cloud, { since: before.usage })) as State;
  const rest = (count - gone) * PROCESSES;
  console.log(
    `after ${((performance.now() - left) / 1_000).toFixed(1)} s, the room has ${after.rows - 1} members and the sender`,
  );
  verdicts.push([`the room has exactly the ${rest} remaining members`, after.rows - 1 === rest]);
  await send(1, rest);

  for (const [what, holds] of verdicts) console.log(`${holds ? "PASS" : "MISSED"}: ${what}`);
  for (const child of [cloud, ...parts]) child.kill("SIGKILL");
  if (verdicts.some(([, holds]) => !holds)) process.exitCode = 1;
}

async function serveCloud(): Promise<void> {
  await once(process, "message");
  const { cloud, meter, webSocketUrl, issuer } = await startMeteredCloud(UNLIMITED);
  const call = async (operation: string, request: object) =>
    JSON.parse((await cloud.store.call(operation, JSON.stringify(request))).body);
  const { TableNames } = await call("ListTables", {});
  const TableName = (TableNames as string[]).find((name) => name.includes("connections"));
  const lobbyRows = async (): Promise<number> => {
    let [rows, ExclusiveStartKey] = [0, undefined];
    do {
      const page = await call("Query", {
        TableName,
        KeyConditionExpression: "pk = :pk AND begins_with(sk, :sk)",
        FilterExpression: "attribute_not_exists(leftAt)",
        ExpressionAttributeValues: { ":pk": { S: "ROOM#lobby" }, ":sk": { S: "CONN#" } },
        Select: "COUNT",
        ExclusiveStartKey,
      });
      rows += page.Count;
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey !== undefined);
    return rows;
  };
  process.on("message", async ({ since }: { since?: Usage }) => {
    await (since === undefined ? meter.idle() : meter.idleSince(since));
    const memoryMb = process.memoryUsage.rss() / 2 ** 20;
    process.send?.({ usage: meter.usage, memoryMb, rows: await lobbyRows() } satisfies State);
  });
  process.send?.({ url: webSocketUrl, issuer });
}

if (process.send === undefined) await bench();
else {
  process.once("disconnect", () => process.exit());
  await (process.argv[2] === "cloud" ? serveCloud() : serveMembers());
}
