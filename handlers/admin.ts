import { type Cursor, emptyEntries, removeRows, rowsOf } from "../chat/personalData";
import { announceDepartures } from "../chat/presence/announce";
import { ban } from "../chat/rooms/ban";
import { setRole } from "../chat/rooms/roles";
import type { Role } from "../chat/rooms/roomPolicy";
import { environment } from "./environment";
import { log } from "./log";
import { redactErrors } from "./redactErrors";

export type Uses = {
  CONNECTIONS_TABLE: "Scan" | "GetItem" | "Query" | "PutItem" | "BatchWriteItem";
  MESSAGES_TABLE: "Scan" | "UpdateItem";
  CONNECTIONS_URL: "POST" | "DELETE";
};

const { CONNECTIONS_TABLE: connections, MESSAGES_TABLE: messages, CONNECTIONS_URL: posts } = environment<Uses>();

/** An operator's request. */
export type AdminRequest =
  | { command: "export" | "erase"; user: string; table: "messages" | "connections"; start?: Cursor }
  | { command: "role"; user: string; room: string; role: Role };

export interface AdminAnswer {
  /** Rows of an export. */
  rows?: Record<string, unknown>[];
  /** Number of rows that were emptied or removed. */
  erased?: number;
  /** Where the next request continues; undefined at the end of the table. */
  next?: Cursor;
}

/**
 * Exports or erases a person's data in one part of a table and returns where to continue, or sets a role. It has no
 * route: an operator invokes it directly.
 */
export const admin = redactErrors("admin", async (request: AdminRequest): Promise<AdminAnswer> => {
  const started = performance.now();
  const finish = (did: string, answer: AdminAnswer): AdminAnswer => {
    log({ route: "admin", did, ms: Math.round(performance.now() - started) });
    return answer;
  };
  if (request.command === "role") {
    const { room, user, role } = request;
    if (role === "banned") {
      const gone = await ban({ connections, posts }, room, user);
      if (gone !== undefined) await announceDepartures({ connections, posts }, new Map([[room, [gone]]]));
    } else await setRole(connections, room, user, role);
    return finish("set a role", {});
  }
  const { command, user, table, start } = request;
  const { rows, next } = await rowsOf(table === "messages" ? messages : connections, user, start);
  const more = next === undefined ? {} : { next };
  if (command === "export") return finish("exported", { rows, ...more });
  const erased =
    table === "messages" ? await emptyEntries(messages, rows, user) : await removeRows({ connections, posts }, rows);
  return finish("erased", { erased, ...more });
});
