/** The two ways of posting that bench/fanout.ts compares. */
import { ApiGatewayManagementApiClient, PostToConnectionCommand } from "@aws-sdk/client-apigatewaymanagementapi";
import { encodeFrame } from "../chat/connections/connectionsApi.ts";
import { deliver } from "../chat/fanOut/deliver.ts";

export interface Posting {
  /** A fan-out, from the frame on. */
  ours(): Promise<void>;
  /** The same posts as one would write them: all at once, each with its own JSON; the SDK queues them at its sockets. */
  bareSdk(): Promise<void>;
  /** Length of the frame. */
  bytes: number;
}

export function startPosting(url: string, posts: number): Posting {
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
  const client = new ApiGatewayManagementApiClient({ endpoint: url });
  return {
    async ours() {
      const { posted } = await deliver({ connections: "none", posts: url }, event.room, members, encodeFrame(event));
      if (posted !== posts) throw new Error(`only ${posted} of ${posts} posts arrived`);
    },
    async bareSdk() {
      await Promise.all(
        members.map(({ id }) =>
          client.send(new PostToConnectionCommand({ ConnectionId: id, Data: Buffer.from(JSON.stringify(event)) })),
        ),
      );
    },
    bytes: encodeFrame(event).length,
  };
}
