/**
 * Departures are held back for a few seconds, so that a short network interruption isn't announced. Lambda has no timer
 * that is exact and free while idle. So each departure is a row in a time slot of 5 s, and the writer of a slot's first
 * row starts one asynchronous invocation, which waits until the slot is over and announces the people who are still
 * gone.
 *
 *     DEPARTURES#<slot> / CONN#<id>                 what has to be announced (Departure)
 *     ROOM#<room> / GONE#<user>                     the person counts as present until that is announced
 *     DUE#<minute>#<shard> / DEPARTURES#<slot>      the slot's invocation was started; the sweep checks its result
 */
import { GetCommand } from "@aws-sdk/lib-dynamodb";
import type { User } from "../../protocol/entries";
import {
  type Connection,
  connectionRowKey,
  membershipDeletes,
  membershipKeys,
  type OwnMembership,
  ofUserKey,
  placesOf,
} from "../connections/connections";
import { dueRow } from "../connections/due";
import type { Resource } from "../resource";
import { batchWrite, type Key, type WriteRequest } from "../tables/batchWrite";
import { dynamodb } from "../tables/client";
import { putIfAbsent } from "../tables/conditionalWrite";
import { type Held, heldKey } from "./held";

const SLOT_MS = 5_000;

/** Time from the end of a slot to its announcement: each person has at least this long to come back. */
const HOLD_MS = 3_000;

/** An announcement that is later than this counts as lost. */
export const OVERDUE_MS = 60_000;

/**
 * Lifetime of a departure's rows. They are deleted when the departure is announced; this TTL removes those that a
 * crashed announcement leaves behind.
 */
const TTL_SECONDS = 24 * 3_600;

/** The end of a person's connection. */
export interface Departure {
  user: User;
  rooms: string[];
  /**
   * Rooms that the connection was leaving when it ended, so that the departure was both held back and announced. If the
   * person is back, `announceSlot` announces the return in these rooms, because nothing else does.
   */
  left: string[];
}

export interface Departed {
  /** The time slot in which the departure is announced; undefined if nobody knew about the connection. */
  slot?: number;
  /** True if the slot hadn't been marked as started, so the caller has to start it. */
  isFirst: boolean;
}

/** When a slot's departures are announced, in milliseconds since 1970. */
export function announcedAt(slot: number): number {
  return (slot + 1) * SLOT_MS + HOLD_MS;
}

/** When the sweep checks whether a slot was announced. */
export function overdueAt(slot: number): number {
  return announcedAt(slot) + OVERDUE_MS;
}

/**
 * Removes a connection everywhere, and records its departure in rooms where others knew about it. A missing connection
 * isn't an error. The connection's own row is removed first: a join that writes rows afterward checks for that row, and
 * removes its own rows again if it is missing.
 */
export async function depart(
  table: Resource<"Query" | "BatchWriteItem" | "PutItem">,
  { id, user }: Pick<Connection, "id" | "user">,
): Promise<Departed> {
  await batchWrite(table, [{ DeleteRequest: { Key: connectionRowKey(id) } }]);
  return leaveAllRooms(table, id, user);
}

/**
 * Removes a connection from all rooms and records its departure: the second step of {@link depart}. The sweep calls
 * this to complete a departure that crashed after its first step, or to remove the rows of a join that came after the
 * departure and crashed.
 *
 * @param user the person; if undefined, taken from the rows
 * @param strays memberships that may be missing from the connection's own rows
 */
export async function leaveAllRooms(
  table: Resource<"Query" | "BatchWriteItem" | "PutItem">,
  id: string,
  user?: User,
  strays: OwnMembership[] = [],
): Promise<Departed> {
  const { memberships: own, left } = await placesOf(table, id);
  const memberships = [...own, ...strays.filter(({ room }) => !own.some((known) => known.room === room))];
  await batchWrite(table, membershipDeletes(id, [...left.keys()]));
  const person = user ?? memberships[0]?.user;
  if (person === undefined) return { isFirst: false };
  const known = memberships.filter(({ present }) => present).map(({ room }) => room);
  const held: Held = { user: person, connectionId: id, at: Date.now() };
  await batchWrite(table, [
    ...known.map((room) => heldPut(room, held)),
    ...memberships.map(({ room }): WriteRequest => ({ DeleteRequest: { Key: membershipKeys(id, room)[1] } })),
  ]);
  const departed = known.length === 0 ? { isFirst: false } : await announceLater(table, held, known);
  // Last, because these rows lead the sweep to the unfinished work of a departure that crashes here.
  await batchWrite(table, [
    ...memberships.map(({ room }): WriteRequest => ({ DeleteRequest: { Key: membershipKeys(id, room)[0] } })),
    { DeleteRequest: { Key: ofUserKey(person.id, id) } },
  ]);
  return departed;
}

/**
 * Records a departure. The connection's rows in the rooms have been removed before, so an announcement that reads the
 * record doesn't find the person there.
 */
async function announceLater(
  table: Resource<"Query" | "BatchWriteItem" | "PutItem">,
  { connectionId, user }: Held,
  rooms: string[],
): Promise<Departed> {
  const { left } = await placesOf(table, connectionId);
  const now = Date.now();
  const slot = slotOf(now);
  const departure: Departure = { user, rooms, left: rooms.filter((room) => left.has(room)) };
  const expiresAt = Math.floor(now / 1_000) + TTL_SECONDS;
  const Item = { ...departureKey(slot, connectionId), ...departure, expiresAt };
  await batchWrite(table, [{ PutRequest: { Item } }]);
  // The mark is written after the record, because an announcement removes the mark before it reads the records: if it
  // misses this record, the record has a new mark.
  const mark = dueRow("DEPARTURES", String(slot), overdueAt(slot));
  return { slot, isFirst: (await putIfAbsent(table, mark)) === undefined };
}

/** Tells whether a departure is still to be announced. */
export async function isHeld(table: Resource<"GetItem">, { connectionId, at }: Held): Promise<boolean> {
  if (Date.now() - at < HOLD_MS) return true;
  const Key = departureKey(slotOf(at), connectionId);
  const { Item } = await dynamodb.send(new GetCommand({ TableName: table, Key, ConsistentRead: true }));
  return Item !== undefined;
}

function slotOf(ms: number): number {
  return Math.floor(ms / SLOT_MS);
}

export function departureKey(slot: number, id: string): Key {
  return { pk: `DEPARTURES#${slot}`, sk: `CONN#${id}` };
}

function heldPut(room: string, held: Held): WriteRequest {
  const Item = { ...heldKey(room, held.user.id), ...held, expiresAt: Math.floor(held.at / 1_000) + TTL_SECONDS };
  return { PutRequest: { Item } };
}
