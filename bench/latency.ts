/**
 * `npm run bench:latency`: measures how long a message takes to be acknowledged and to reach its readers, on a separate
 * local cloud.
 */

import { commandLine } from "../cli/commandLine.ts";
import { requestToken } from "../cli/localIssuer.ts";
import { Client } from "../client/index.ts";
import { startLocalCloud } from "../tests/localCloud.ts";

const HELP = `Starts a local cloud, lets clients chat in one room through the client library, and prints how long messages take.

  npm run bench:latency -- [options]

  --senders N    clients that send                                   (default: 4)
  --readers N    clients that only read                              (default: 16)
  --messages N   messages of each sender                             (default: 200)
  --pause MS     pause of a sender after each ack                    (default: 100)
  --help         print this
`;

const options = commandLine(HELP, {
  senders: { type: "string", default: "4" },
  readers: { type: "string", default: "16" },
  messages: { type: "string", default: "200" },
  pause: { type: "string", default: "100" },
});
const [senders, readers, messages, pauseMs] = [options.senders, options.readers, options.messages, options.pause].map(
  Number,
) as [number, number, number, number];

console.log("starting a local cloud …");
const cloud = await startLocalCloud();
const url = cloud.outputs.webSocketUrl as string;
const clients = Array.from({ length: senders + readers }, (_, i) => {
  const token = () => requestToken(`http://${new URL(url).host}`, { user: `user-${i}` });
  return new Client({ url, token });
});
const sentAt = new Map<string, number>();
const ackMs: number[] = [];
const seenMs: number[] = [];

let missing = clients.length * senders * messages;
const allSeen = Promise.withResolvers<void>();
await Promise.all(
  clients.map(
    (client) =>
      new Promise<void>((resolve) => {
        client.onState(({ name }) => name === "open" && resolve());
        client.room("bench").subscribe({
          entries: (entries) => {
            for (const entry of entries) {
              const started = entry.kind === "message" ? sentAt.get(entry.text) : undefined;
              if (started === undefined) continue;
              seenMs.push(performance.now() - started);
              missing -= 1;
            }
            if (missing === 0) allSeen.resolve();
          },
        });
      }),
  ),
);
console.log(`${senders} senders of ${messages} messages, ${clients.length} readers`);
await Promise.all(
  clients.slice(0, senders).map(async (client, sender) => {
    for (let i = 0; i < messages; i++) {
      const text = `${sender}:${i}`;
      const started = performance.now();
      sentAt.set(text, started);
      await client.room("bench").send(text).acknowledged;
      ackMs.push(performance.now() - started);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }),
);
await allSeen.promise;
for (const client of clients) client.close();
await cloud.stop();

print("ack", ackMs);
print("send to seen", seenMs);

function print(what: string, times: number[]): void {
  const sorted = times.sort((a, b) => a - b);
  const at = (share: number) => (sorted[Math.floor((sorted.length - 1) * share)] as number).toFixed(1);
  console.log(
    `${what.padEnd(14)} p50 ${at(0.5)} ms   p90 ${at(0.9)} ms   p99 ${at(0.99)} ms   max ${at(1)} ms   (${sorted.length})`,
  );
}
