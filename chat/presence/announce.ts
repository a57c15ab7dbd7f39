/**
 * Announces arrivals, departures, typing and read markers to the people in a room. Announcements may be lost, and
 * large rooms have none.
 */
import type { User } from "../../protocol/entries";
import type { PresenceFrame, ReadFrame, TypingFrame } from "../../protocol/responses";
import { type Connection, connectionOf } from "../connections/connections";
import { encodeFrame } from "../connections/connectionsApi";
import { type DeliveryDeps, deliver } from "../fanOut/deliver";
import type { Caller } from "../identity/caller";
import type { Resource } from "../resource";
import type { Member } from "../rooms/members";
import { batchWrite } from "../tables/batchWrite";
import { isHeld } from "./departures";
import { heldKey } from "./held";
import { type People, peopleIn } from "./people";

/** Dependencies for announcing arrivals and departures. */
export interface PresenceDeps extends Omit<DeliveryDeps, "connections"> {
  connections: Resource<"Query" | "BatchWriteItem" | "GetItem">;
}

/** Sends a typing frame or a read marker to the other connections in a small room. */
export async function tellOthers(
  deps: DeliveryDeps,
  { connectionId }: Pick<Caller, "connectionId">,
  frame: TypingFrame | ReadFrame,
): Promise<void> {
  const { members, more } = await peopleIn(deps.connections, frame.room);
  if (more) return;
  await deliver(
    deps,
    frame.room,
    members.filter(({ id }) => id !== connectionId),
    [encodeFrame(frame)],
  );
}

/**
 * Announces a person's arrival in small rooms, unless people there already know of the person, through an earlier
 * connection or because this connection replaces one that has just ended. The connection's rows must already exist: if
 * two connections of a person arrive at the same time, each then finds the other, and only the one that came first
 * makes the announcement.
 */
export async function announceArrival(
  deps: PresenceDeps,
  { id, user }: Pick<Connection, "id" | "user">,
  rooms: string[],
): Promise<void> {
  for (const room of rooms) {
    const people = await peopleIn(deps.connections, room);
    if (people.more || (await isKnown(deps.connections, people, { id, user }))) continue;
    await tell(deps, people.members, room, user, true);
  }
}

/** Tells whether the people in a room already know about a person, or don't have to be told. */
async function isKnown(
  table: Resource<"GetItem">,
  { members, held }: People,
  { id, user }: Pick<Connection, "id" | "user">,
): Promise<boolean> {
  const departure = held.get(user.id);
  const own = members.find((member) => member.id === id);
  // The connection has ended already. If the departure that is held back is its own, its arrival must be announced,
  // because the next connection will be treated as a return.
  if (own === undefined) return departure?.connectionId !== id;
  const earlier = members.filter((member) => member.user.id === user.id && member.present && cameBefore(member, own));
  const earlierIds = earlier.map((member) => member.id);
  if (await anyExists(table, earlierIds)) return true;
  // A connection that ended after this one had come may itself have left the announcement to this one.
  if (departure === undefined || departure.at >= (own.joinedAt ?? 0)) return false;
  return isHeld(table, departure);
}

/**
 * Tells whether any of these connections exists. A room can have the row of a connection that has ended: a join in
 * progress puts the row, and removes it again without an announcement.
 */
async function anyExists(table: Resource<"GetItem">, connections: string[]): Promise<boolean> {
  const found = await Promise.all(connections.map((id) => connectionOf(table, id)));
  return found.some((connection) => connection !== undefined);
}

/** Tells whether a person who was found in a room, or whose departure is held back there, is still in the room. */
async function isThere(table: PresenceDeps["connections"], room: string, people: People, id: string): Promise<boolean> {
  if (people.held.has(id)) return true;
  const found = people.connections.get(id) ?? [];
  if (found.length === 0) return false;
  if (await anyExists(table, found)) return true;
  // The connections have ended since they were read, so another one may have replaced them.
  const { held, connections } = await peopleIn(table, room);
  return held.has(id) || anyExists(table, connections.get(id) ?? []);
}

function cameBefore(one: Member, other: Member): boolean {
  const [first, second] = [one.joinedAt ?? 0, other.joinedAt ?? 0];
  return first === second ? one.id < other.id : first < second;
}

/**
 * Announces departures in small rooms, unless the person is still there through another connection or another departure
 * of theirs is held back.
 *
 * @param left people whose connections have left, by room
 */
export async function announceDepartures(deps: PresenceDeps, left: Map<string, User[]>): Promise<void> {
  for (const [room, users] of left) {
    const people = await peopleIn(deps.connections, room);
    if (people.more) continue;
    const gone: User[] = [];
    for (const user of new Map(users.map((user) => [user.id, user])).values()) {
      if (await isThere(deps.connections, room, people, user.id)) continue;
      gone.push(user);
      await tell(deps, people.members, room, user, false);
    }
    // If a person has come back in the meantime, the arrival may have been announced before the departure, so it is
    // announced again.
    if (gone.length > 0) await announceReturns(deps, new Map([[room, gone]]));
  }
}

/**
 * Announces that a person has left a small room. If the connection ends concurrently, nothing is announced now, because
 * its departure is held back and announced later. A departure that is held back for another connection of the person is
 * dropped.
 */
export async function announceLeaving(
  deps: PresenceDeps,
  { connectionId, user }: Pick<Caller, "connectionId" | "user">,
  room: string,
): Promise<void> {
  const departure = (await peopleIn(deps.connections, room)).held.get(user.id);
  if (departure?.connectionId === connectionId) return;
  if (departure !== undefined) {
    await batchWrite(deps.connections, [{ DeleteRequest: { Key: heldKey(room, user.id) } }]);
  }
  await announceDepartures(deps, new Map([[room, [user]]]));
}

/**
 * Announces, in small rooms, the return of people whose departure was announced.
 *
 * @param told people whose departure was announced, by room
 */
export async function announceReturns(deps: PresenceDeps, told: Map<string, User[]>): Promise<void> {
  for (const [room, users] of told) {
    const people = await peopleIn(deps.connections, room);
    if (people.more) continue;
    for (const { id } of users) {
      const user = people.present.get(id);
      const isBack = user !== undefined && (await anyExists(deps.connections, people.connections.get(id) ?? []));
      if (isBack) await tell(deps, people.members, room, user, true);
    }
  }
}

function others(members: Member[], userId: string): Member[] {
  return members.filter(({ user }) => user.id !== userId);
}

async function tell(deps: DeliveryDeps, members: Member[], room: string, user: User, online: boolean): Promise<void> {
  const frame: PresenceFrame = { type: "presence", room, user, online };
  await deliver(deps, room, others(members, user.id), [encodeFrame(frame)]);
}
