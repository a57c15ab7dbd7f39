import type { User } from "../../protocol/entries";
import { dueKey, dueRow } from "../connections/due";
import { batchWrite, type WriteRequest } from "../tables/batchWrite";
import { queryAll } from "../tables/queryPages";
import { announceDepartures, announceReturns, type PresenceDeps } from "./announce";
import { type Departure, departureKey, OVERDUE_MS, overdueAt } from "./departures";
import { heldKey } from "./held";

/**
 * Announces the departures in a time slot that is over (see departures.ts), except those of people who have come back.
 *
 * @returns the number of departures in the slot
 */
export async function announceSlot(deps: PresenceDeps, slot: number): Promise<number> {
  const table = deps.connections;
  const due = overdueAt(slot);
  // A second, later due row replaces the slot's first one: if this invocation crashes, a sweep finds that row.
  const second = dueRow("DEPARTURES", String(slot), Math.max(Date.now(), due) + OVERDUE_MS);
  await batchWrite(table, [{ PutRequest: { Item: second } }]);
  await batchWrite(table, [{ DeleteRequest: { Key: dueKey("DEPARTURES", String(slot), due) } }]);
  const rows = await queryAll(table, { pk: departureKey(slot, "").pk, sk: "" });
  const departures = rows as unknown as Departure[];
  const left = byRoom(departures, ({ rooms }) => rooms);
  // The held departures are removed before the members are read: a person who comes back after that is announced again,
  // and one who came back before is found among the members.
  await batchWrite(
    table,
    [...left].flatMap(([room, users]) =>
      [...new Set(users.map(({ id }) => id))].map(
        (id): WriteRequest => ({ DeleteRequest: { Key: heldKey(room, id) } }),
      ),
    ),
  );
  await announceDepartures(deps, left);
  await announceReturns(
    deps,
    byRoom(departures, (departure) => departure.left),
  );
  await batchWrite(table, [
    ...rows.map(
      ({ sk }): WriteRequest => ({ DeleteRequest: { Key: { pk: departureKey(slot, "").pk, sk: sk as string } } }),
    ),
    { DeleteRequest: { Key: { pk: second.pk, sk: second.sk } } },
  ]);
  return rows.length;
}

function byRoom(departures: Departure[], roomsOf: (departure: Departure) => string[]): Map<string, User[]> {
  const users = new Map<string, User[]>();
  for (const departure of departures) {
    for (const room of roomsOf(departure)) users.set(room, [...(users.get(room) ?? []), departure.user]);
  }
  return users;
}
