/** The implementations of posting that bench/fanout.ts compares. */
import { Agent, request } from "node:http";
import { ApiGatewayManagementApiClient, PostToConnectionCommand } from "@aws-sdk/client-apigatewaymanagementapi";
import { SignatureV4 } from "@smithy/signature-v4";
import { encodeFrame } from "../chat/connections/connectionsApi.ts";
import { deliver } from "../chat/fanOut/deliver.ts";
import { exchange } from "../chat/http/exchange.ts";
import type { Ways } from "./compareWays.ts";
import { NodeSha256 } from "./nodeSha256.ts";

/** Maximum number of requests in flight, as in the fan-out. */
const SOCKETS = 100;

export function startWays(origin: string, posts: number): Ways {
  const url = `${origin}/dev`;
  const user = { id: "ana", name: "Ana" };
  const members = Array.from({ length: posts }, (_, i) => ({
    id: `${String(i).padStart(15, "C")}=`,
    user,
    connectedAt: Date.now(),
    tokenExpiresAt: Number.POSITIVE_INFINITY,
  }));
  const event = {
    type: "event" as const,
    room: "lobby",
    entries: [{ seq: 1, kind: "message" as const, id: "m1", user, sentAt: 1, text: "x".repeat(200) }],
  };
  const frame = encodeFrame(event);
  const bytes = Buffer.from(JSON.stringify(event));
  const client = new ApiGatewayManagementApiClient({ endpoint: url });
  const agent = new Agent({ keepAlive: true, maxSockets: SOCKETS });
  const { protocol, hostname, port, host, pathname } = new URL(url);
  const server = { protocol, hostname, port: Number(port) };
  const credentials = { accessKeyId: "bench", secretAccessKey: "bench" };
  const signer = new SignatureV4({ service: "execute-api", region: "eu-central-1", credentials, sha256: NodeSha256 });

  const pathOf = (id: string) => `${pathname}/@connections/${encodeURIComponent(id)}`;
  const send = (path: string, headers: Record<string, string> = {}) =>
    new Promise<void>((resolve, reject) => {
      const length = { "content-length": bytes.length };
      const sent = request({ method: "POST", hostname, port, path, agent, headers: { ...headers, ...length } });
      sent.on("response", (response) => response.resume().on("end", resolve)).on("error", reject);
      sent.end(bytes);
    });

  return {
    "bare http.request": () => each(members, ({ id }) => send(pathOf(id))),
    "our client without a signature": () =>
      each(members, async ({ id }) => {
        await exchange({ ...server, method: "POST", path: pathOf(id), headers: { host }, latin1: frame.latin1 });
      }),
    ours: async () => {
      const { posted } = await deliver({ connections: "none", posts: url }, event.room, members, [frame]);
      if (posted !== posts) throw new Error(`only ${posted} of ${posts} posts arrived`);
    },
    "the SDK's signer": () =>
      each(members, async ({ id }) => {
        const path = pathOf(id);
        const unsigned = { method: "POST", protocol: "http:", hostname, path, headers: { host }, body: bytes };
        await send(path, (await signer.sign(unsigned)).headers as Record<string, string>);
      }),
    // The obvious implementation: sends all posts at once, each with its own JSON; the SDK queues them for its sockets.
    "the SDK's client": async () => {
      await Promise.all(
        members.map(({ id }) =>
          client.send(new PostToConnectionCommand({ ConnectionId: id, Data: Buffer.from(JSON.stringify(event)) })),
        ),
      );
    },
  };
}

/** Runs a task for each item, 100 at a time. */
async function each<Item>(items: Item[], run: (item: Item) => Promise<void>): Promise<void> {
  const queue = items.values();
  const worker = async () => {
    for (const item of queue) await run(item);
  };
  await Promise.all(Array.from({ length: SOCKETS }, worker));
}
