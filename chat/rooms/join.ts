/** Adds connections to rooms. */
import {
  BARRED,
  type Connection,
  connectionOf,
  markPresent,
  membershipDeletes,
  membershipKeys,
  membershipsOf,
  rowOf,
} from "../connections/connections";
import type { Caller } from "../identity/caller";
import { heldKey } from "../presence/held";
import { Refusal, unknownConnection } from "../refusal";
import type { Resource } from "../resource";
import { batchWrite, type WriteRequest } from "../tables/batchWrite";
import { type ConditionFailed, putIf, type Row } from "../tables/conditionalWrite";
import { rolesIn } from "./roles";
import { type Rights, type Role, rightsOf } from "./roomPolicy";

/** The connections table, with the operations that a join needs. */
export type JoinTable = Resource<"GetItem" | "BatchGetItem" | "Query" | "PutItem" | "BatchWriteItem" | "UpdateItem">;

export interface Joined {
  connection: Connection;
  /** Rooms that the connection's user can read. The connection is in them now. */
  entered: string[];
  /**
   * Rooms in which others have to be told about the connection, because it wasn't there or had never been announced.
   */
  arrived: string[];
}

/**
 * Adds a connection to those of these rooms that its user may read, and marks it as announced there. When it returns,
 * the rows are stored: later entries are posted to the connection, so a client that then reads the log misses nothing.
 *
 * @param maxRooms maximum number of rooms that one connection may be in
 * @throws Refusal NOT_A_MEMBER for a connection that is gone; LIMIT_EXCEEDED for too many rooms
 */
export async function join(
  table: JoinTable,
  { connectionId, user }: Caller,
  rooms: string[],
  maxRooms: number,
): Promise<Joined> {
  const [first, memberships, roles] = await Promise.all([
    connectionOf(table, connectionId),
    membershipsOf(table, connectionId),
    rolesIn(table, rooms, user.id),
  ]);
  if (new Set([...memberships.map(({ room }) => room), ...rooms]).size > maxRooms) {
    throw new Refusal("LIMIT_EXCEEDED", `a connection can be in at most ${maxRooms} rooms: leave one first`);
  }
  const knownIn = new Set(memberships.filter(({ present }) => present).map(({ room }) => room));
  let connection = first;
  while (connection !== undefined) {
    const entered = await putPlaces(table, { ...connection, present: true }, rooms, roles);
    // Between the reads and the writes, the connection may have ended, or its token may have been renewed:
    //     $disconnect:  removes the connection ─ reads its other rows ─ removes them
    //     join:       reads the connection ────────────────────────────────────────── puts rows ─ reads it again
    const [now, appeared]: [Connection | undefined, string[]] = await Promise.all([
      connectionOf(table, connectionId),
      connection.present ? [] : markPresent(table, connectionId, entered),
    ]);
    if (now?.tokenExpiresAt === connection.tokenExpiresAt) {
      const arrived = [...new Set([...entered, ...appeared])].filter((room) => !knownIn.has(room));
      return { connection, entered, arrived };
    }
    if (now === undefined) await takeBack(table, connection, entered, knownIn);
    connection = now;
  }
  throw unknownConnection();
}

/**
 * Removes an ended connection from rooms. Its departure may already be held back there. In rooms where its arrival was
 * never announced, that departure is dropped, so that the person's next arrival isn't treated as a return.
 */
async function takeBack(
  table: Resource<"BatchWriteItem">,
  { id, user }: Connection,
  rooms: string[],
  knownIn: ReadonlySet<string>,
): Promise<void> {
  const unseen = rooms.filter((room) => !knownIn.has(room));
  await batchWrite(table, [
    ...membershipDeletes(id, rooms),
    ...unseen.map((room): WriteRequest => ({ DeleteRequest: { Key: heldKey(room, user.id) } })),
  ]);
}

/**
 * Adds a connection to its first room if its user may read that room. The connection's own row already exists
 * (`addConnection`).
 *
 * The room's row can't be put before the role is known, not even for a moment: a fan-out that has read the row may
 * still post to the connection once it is open.
 */
export async function enterFirst(
  table: Resource<"BatchGetItem" | "PutItem" | "BatchWriteItem">,
  connection: Connection,
  room: string,
): Promise<void> {
  const rights = rightsOf(room, (await rolesIn(table, [room], connection.user.id)).get(room));
  const isIn = rights.read && (await putPlace(table, roomRow(connection, room, rights, Date.now()))) === undefined;
  if (!isIn) await batchWrite(table, [{ DeleteRequest: { Key: membershipKeys(connection.id, room)[0] } }]);
}

/**
 * Puts the rows, according to roles that were read while the connection existed.
 *
 * A ban sets the role first, and then bars the user's connections:
 *     ban:                    sets the role ─ bars the connection ─ acknowledged
 *     join:  reads the role ──────────────────────────────────────────────────── puts the row? no: it is barred
 */
async function putPlaces(
  table: Resource<"PutItem" | "BatchWriteItem">,
  connection: Connection,
  rooms: string[],
  roles: Map<string, Role>,
): Promise<string[]> {
  const rights = new Map(rooms.map((room) => [room, rightsOf(room, roles.get(room))]));
  const readable = rooms.filter((room) => rights.get(room)?.read);
  const joinedAt = Date.now();
  const rows = readable.map((room) => roomRow(connection, room, rights.get(room) as Rights, joinedAt));
  // The connection's own rows come first: the rooms' rows are found through them when the connection ends.
  await batchWrite(
    table,
    rows.map((row, i) => ({
      PutRequest: { Item: { ...row, ...membershipKeys(connection.id, readable[i] as string)[0] } },
    })),
  );
  const barred = await Promise.all(rows.map((row) => putPlace(table, row)));
  const refused = readable.filter((_, i) => barred[i] !== undefined);
  await batchWrite(
    table,
    refused.map((room) => ({ DeleteRequest: { Key: membershipKeys(connection.id, room)[0] } })),
  );
  return readable.filter((room) => !refused.includes(room));
}

function roomRow(connection: Connection, room: string, { write }: Rights, joinedAt: number): Row {
  const [, ofRoom] = membershipKeys(connection.id, room);
  return { ...ofRoom, ...rowOf(connection), joinedAt, ...(write ? {} : { readOnly: true }) };
}

/**
 * Writes a room's row, unless the connection is barred from the room. A write that was given up as lost, and repeated,
 * may still take effect later. So this replaces neither a row of a later join nor one that says that the connection
 * left later. If such a row comes from a concurrent request instead, the write is repeated with a later time.
 */
async function putPlace(table: Resource<"PutItem">, row: Row): Promise<ConditionFailed | undefined> {
  const isOlder = "tokenExpiresAt > :barred AND NOT joinedAt > :joinedAt";
  const isKnown = row.present ? "" : " AND attribute_not_exists(present)";
  const refused = await putIf(table, row, {
    condition: `attribute_not_exists(pk) OR (${isOlder}${isKnown}) OR leftAt < :joinedAt`,
    values: { ...BARRED, ":joinedAt": row.joinedAt },
  });
  const { leftAt, joinedAt, present } = (refused?.row ?? {}) as { leftAt?: number; joinedAt?: number; present?: true };
  if (leftAt !== undefined) return putPlace(table, { ...row, joinedAt: leftAt + 1 });
  if (joinedAt === undefined) return refused;
  return putPlace(table, { ...row, joinedAt: Math.max(joinedAt, row.joinedAt as number), ...(present && { present }) });
}
