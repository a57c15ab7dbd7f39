import { whileTokenHolds } from "../chat/identity/caller";
import { EXPENSIVE } from "../chat/limits/frameBudget";
import { announceDepartures } from "../chat/presence/announce";
import { Refusal } from "../chat/refusal";
import { ban as banFrom } from "../chat/rooms/ban";
import { asModerator, refuseFounder } from "../chat/rooms/roles";
import { Ban } from "../protocol/requests";
import { environment } from "./environment";
import { type MessageUses, messageRoute } from "./messageRoute";

export type Uses = MessageUses<"GetItem" | "PutItem" | "Query" | "BatchWriteItem">;

const env = environment<Uses>();
const { CONNECTIONS_TABLE: connections, CONNECTIONS_URL: posts } = env;

/** `ban`: removes a person from a room and keeps them out; `invite` lifts it. */
export const ban = messageRoute(env, {
  admits: whileTokenHolds(connections),
  schema: Ban,
  points: EXPENSIVE,
  async run({ id, room, user }, caller) {
    await asModerator(connections, room, caller.user.id);
    if (user === caller.user.id) throw new Refusal("FORBIDDEN", "you can't ban yourself");
    await refuseFounder(connections, room, user);
    const gone = await banFrom({ connections, posts }, room, user);
    return {
      answer: { type: "ack", id },
      did: "banned",
      after: async () => {
        if (gone !== undefined) await announceDepartures({ connections, posts }, new Map([[room, [gone]]]));
        return undefined;
      },
    };
  },
});
