import { peopleIn } from "../chat/fanOut/ephemeral";
import { asMember } from "../chat/identity/caller";
import { resource } from "../chat/resource";
import { fitting } from "../protocol/frameSize";
import { ListMembers } from "../protocol/requests";
import { type MessageUses, messageRoute } from "./messageRoute";

export type Uses = MessageUses & { CONNECTIONS_TABLE: "GetItem" | "Query" };

const connections = resource<Uses, "CONNECTIONS_TABLE">("CONNECTIONS_TABLE");

/** People of one answer; who wants all of a large room wants something else. */
const MOST_PEOPLE = 100;

/** `listMembers`: who is in a room now. */
export const listMembers = messageRoute(asMember(connections), ListMembers, async ({ id, room }) => {
  const { members, more } = await peopleIn(connections, room, MOST_PEOPLE);
  const count = fitting({ room }, members);
  return {
    answer: { type: "presence", id, room, members: members.slice(0, count), more: more || count < members.length },
    did: "listed",
  };
});
