/** `npm run bench:hot`: measures a room where many people write to many members. */
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { commandLine } from "../cli/commandLine.ts";
import { type MembersOrder, type Pushed, serveMembers } from "./members.ts";
import type { Usage } from "./meter.ts";
import { startMeteredCloud, UNLIMITED } from "./meteredCloud.ts";
import { ask, startPart } from "./part.ts";
import { measure, p99, Sender, type Sent } from "./sender.ts";

const HELP = `Starts a local cloud and a room with many members, some of whom write: first one of them, slowly; then all of
them, as fast as this machine can, at half of that rate, and at --rate. For each part, prints how long acks took, how
many posts were made for how many deliveries, and what members missed or received twice.

  npm run bench:hot -- [options]

  --members N   members of the room                         (default: 1000)
  --senders N   members who write                            (default: 50)
  --rate N      messages a second in the hot room            (default: 100)
  --seconds N   duration of each part                        (default: 10)
  --help        print this
`;

/** Maximum number of posts in a hot room, as a fraction of messages times members. */
const MAX_POSTS = 0.1;

/** Maximum p99 of acks at half the machine's capacity, as a multiple of the p99 in a quiet room. */
const MAX_RATIO = 2;

const SELF = fileURLToPath(import.meta.url);

async function bench(): Promise<void> {
  const options = commandLine(HELP, {
    members: { type: "string", default: "1000" },
    senders: { type: "string", default: "50" },
    rate: { type: "string", default: "100" },
    seconds: { type: "string", default: "10" },
  });
  const [members, senders, rate, seconds] = [options.members, options.senders, options.rate, options.seconds].map(
    Number,
  ) as [number, number, number, number];
  const [cloud, readers] = [startPart(SELF, "cloud"), startPart(SELF, "members")];
  const { url, issuer } = (await ask(cloud, {})) as { url: string; issuer: string };
  console.log(`connecting ${members} members, ${senders} of whom write …`);
  const started = performance.now();
  await ask(readers, { url, issuer, count: members - senders } satisfies MembersOrder);
  const people: Sender[] = [];
  for (let i = 0; i < senders; i++) people.push(await Sender.connect(url, issuer, `sender-${i}`));
  console.log(`${(members / ((performance.now() - started) / 1_000)).toFixed(0)} connects a second`);
  // The first messages start the functions.
  await measure(people, 1_000, 2);
  await ask(readers, { acked: 0 });

  /** Makes people write, and waits until everyone has received their messages. */
  const part = async (name: string, write: () => Promise<Sent[]>) => {
    const before = (await ask(cloud, "usage")) as Usage;
    const writing = performance.now();
    const sent = await write();
    const perSecond = sent.length / ((performance.now() - writing) / 1_000);
    const acked = sent.filter(({ ms }) => ms !== Number.POSITIVE_INFINITY).length;
    const { missed, doubled, entries } = (await ask(readers, { acked })) as Pushed;
    const { posts, writeUnits } = (await ask(cloud, "usage")) as Usage;
    const share = (posts - before.posts) / (acked * members);
    const units = (writeUnits - before.writeUnits) / acked;
    const lost = acked * (members - senders) - entries;
    const [ms, ratio] = [p99(sent), share.toFixed(3)];
    console.log(
      `${name}: ${perSecond.toFixed(0)} messages/s, ${sent.length - acked} of ${sent.length} without an ack, ack p99 ` +
        `${ms.toFixed(0)} ms; ${posts - before.posts} posts, ${ratio} × messages × members; ` +
        `${units.toFixed(1)} write units a message; ${Math.max(missed, lost)} missed, ${doubled} doubled`,
    );
    return { perSecond, ms, share, isWhole: Math.max(missed, lost) === 0 && acked === sent.length };
  };
  const at =
    (perSecond: number, who = people) =>
    async () =>
      (await measure(who, (who.length * 1_000) / perSecond, seconds)).sent;

  const quiet = await part("quiet", at(0.5, people.slice(0, 1)));
  const full = await part("as fast as it goes", () => asFastAsItGoes(people, seconds));
  const half = await part("half of that", at(full.perSecond / 2));
  const hot = await part(`${rate} a second`, at(rate));

  const verdicts: [what: string, holds: boolean][] = [
    [`posts in the hot room are at most ${MAX_POSTS} × messages × members`, hot.share <= MAX_POSTS],
    ["nobody misses anything", [quiet, half, hot].every(({ isWhole }) => isWhole)],
    [`at half of the capacity, acks take at most ${MAX_RATIO} × a quiet room's`, half.ms <= MAX_RATIO * quiet.ms],
  ];
  for (const [what, holds] of verdicts) console.log(`${holds ? "PASS" : "MISSED"}: ${what}`);
  for (const person of people) person.close();
  for (const child of [cloud, readers]) child.kill("SIGKILL");
  if (verdicts.some(([, holds]) => !holds)) process.exitCode = 1;
}

/** Makes each person send the next message as soon as the previous one is acknowledged. */
async function asFastAsItGoes(people: Sender[], seconds: number): Promise<Sent[]> {
  const sent: Sent[] = [];
  const begin = performance.now();
  const write = async (person: Sender) => {
    while (performance.now() - begin < seconds * 1_000) {
      const started = performance.now();
      const isAck = (await person.send()) === "ack";
      sent.push({ atMs: started - begin, ms: isAck ? performance.now() - started : Number.POSITIVE_INFINITY });
    }
  };
  await Promise.all(people.map(write));
  return sent;
}

async function serveCloud(): Promise<void> {
  await once(process, "message");
  const { meter, webSocketUrl, issuer } = await startMeteredCloud(UNLIMITED);
  process.on("message", () => process.send?.(meter.usage));
  process.send?.({ url: webSocketUrl, issuer });
}

if (process.send === undefined) await bench();
else {
  process.once("disconnect", () => process.exit());
  await (process.argv[2] === "cloud" ? serveCloud() : serveMembers());
}
