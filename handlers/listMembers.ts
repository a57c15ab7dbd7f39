import { asMember } from "../chat/identity/caller";
import { EXPENSIVE } from "../chat/limits/frameBudget";
import { peopleIn } from "../chat/presence/people";
import { fitting } from "../protocol/frameSize";
import { ListMembers } from "../protocol/requests";
import { environment } from "./environment";
import { type MessageUses, messageRoute } from "./messageRoute";

export type Uses = MessageUses<"GetItem" | "Query">;

const env = environment<Uses>();
const { CONNECTIONS_TABLE: connections } = env;

/** People per answer; a large room isn't meant to be listed completely. */
const MAX_LISTED = 100;

/** `listMembers`: the people in a room now. */
export const listMembers = messageRoute(env, {
  admits: asMember(connections),
  schema: ListMembers,
  points: EXPENSIVE,
  async run({ id, room }) {
    const { present, held, more } = await peopleIn(connections, room, MAX_LISTED);
    const people = new Map([...present, ...[...held].map(([userId, { user }]) => [userId, user] as const)]);
    const members = [...people.values()].slice(0, MAX_LISTED);
    const count = fitting({ room }, members);
    return {
      answer: {
        type: "presence",
        id,
        room,
        members: members.slice(0, count),
        more: more || count < people.size,
      },
      did: "listed",
    };
  },
});
