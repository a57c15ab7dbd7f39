/**
 * The people in a room. In addition to its members' rows, a room has rows for people whose connection has just ended:
 * `ROOM#<room>` / `GONE#<user>` {user, connectionId, at}. They count as present until their departure is announced.
 */
import type { User } from "../../protocol/entries";
import { roomKey } from "../connections/connections";
import type { Resource } from "../resource";
import { type Member, memberIn } from "../rooms/members";
import type { Row } from "../tables/conditionalWrite";
import { queryPages } from "../tables/queryPages";
import type { Held } from "./held";

/**
 * Rooms with more people than this get no presence, typing or read markers, because each frame costs one post per
 * connection.
 */
export const MAX_PEOPLE = 100;

/** Departures that have been held back for longer than this are ignored here: the sweep announces them. */
const HELD_MS = 60_000;

/** Rows per page. */
const PAGE = 200;

export interface People {
  /** Connections that may be posted to. */
  members: Member[];
  /** People with a connection that others were told about, by id. */
  present: Map<string, User>;
  /** Ids of these connections, by the person's id. A room may still have the row of one that has ended. */
  connections: Map<string, string[]>;
  /** People whose departure is held back, by id. */
  held: Map<string, Held>;
  /** Whether the room has more people than the requested maximum; then the other fields are incomplete. */
  more: boolean;
}

/** Reads the people in a room until there are more than this number. */
export async function peopleIn(table: Resource<"Query">, room: string, most = MAX_PEOPLE): Promise<People> {
  const people: People = {
    members: [],
    present: new Map(),
    connections: new Map(),
    held: new Map(),
    more: false,
  };
  const everyone = new Set<string>();
  const pages = queryPages(table, {
    KeyConditionExpression: "pk = :pk",
    ExpressionAttributeValues: { ":pk": roomKey(room) },
    Limit: PAGE,
  });
  for await (const { rows } of pages) {
    for (const row of rows) add(people, everyone, row);
    people.more = everyone.size > most;
    if (people.more) break;
  }
  return people;
}

function add({ members, present, connections, held }: People, everyone: Set<string>, row: Row): void {
  const now = Date.now();
  if ((row.expiresAt as number) * 1_000 <= now) return;
  if ((row.sk as string).startsWith("GONE#")) {
    const { user, connectionId, at } = row as unknown as Held;
    if (now - at < HELD_MS) held.set(user.id, { user, connectionId, at });
    return;
  }
  const member = memberIn(row);
  // An expiry of 0 marks a connection that was barred from the room or left it.
  if (member.tokenExpiresAt === 0) return;
  everyone.add(member.user.id);
  if (member.present) {
    present.set(member.user.id, member.user);
    connections.set(member.user.id, [...(connections.get(member.user.id) ?? []), member.id]);
  }
  if (member.tokenExpiresAt > now) members.push(member);
}
