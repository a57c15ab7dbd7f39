/**
 * Finds connections whose end nobody has told: `$disconnect` is not called for each. The connections to look at stand
 * by the minute in which they are due (`DUE#<minute>`), so that a sweep reads those and no others. A new connection is
 * due after one period, one that was found open after two; one whose user has connected again is due at once.
 */
import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import type { User } from "../../protocol/entries";
import { YOUNG_MS } from "../fanOut/deliver";
import { announceGone } from "../fanOut/ephemeral";
import type { Resource } from "../resource";
import { batchWrite, type WriteRequest } from "../tables/batchWrite";
import { dynamodb } from "../tables/client";
import { queryPages } from "../tables/queryPages";
import {
  type Connection,
  connectionsAmong,
  dueKey,
  duePut,
  MINUTE_MS,
  minuteOf,
  removeConnection,
} from "./connections";
import { close, isOpen } from "./connectionsApi";

/** No connection lives longer, so nothing older is due. */
const MOST_MINUTES = 130;

/** Connections that are looked at together. */
const PAGE = 100;

/** A client whose token has ended for so long does not mean to renew it. */
const TOKEN_GRACE_MS = 10 * MINUTE_MS;

const CURSOR = { pk: "SWEEP", sk: "#" };

export interface SweepDeps {
  connections: Resource<"GetItem" | "BatchGetItem" | "PutItem" | "Query" | "BatchWriteItem">;
  posts: Resource<"GET" | "POST" | "DELETE">;
}

export interface SweepTally {
  looked: number;
  gone: number;
  /** Open with a token that has long ended. */
  closed: number;
  failed: number;
}

/**
 * Looks at all connections that are due, and removes those that are gone, from presence too.
 *
 * @param everyMs the time from one sweep to the next
 * @param until when to stop, in milliseconds since 1970; what is left is the next sweep's
 */
export async function sweep(deps: SweepDeps, everyMs: number, until: number): Promise<SweepTally> {
  const { connections } = deps;
  const now = Date.now();
  const { Item } = await dynamodb.send(new GetCommand({ TableName: connections, Key: CURSOR, ConsistentRead: true }));
  const oldest = minuteOf(now) - MOST_MINUTES;
  const tally: SweepTally = { looked: 0, gone: 0, closed: 0, failed: 0 };
  const gone = new Map<string, User[]>();
  // A clock that was ahead does not stop those that are right.
  let through = Math.min(Math.max(oldest, Number(Item?.through ?? oldest)), minuteOf(now - MINUTE_MS));
  for (let minute = through + 1; minute <= minuteOf(now) && Date.now() < until; minute++) {
    for await (const due of dueIn(connections, minute)) await look(deps, due, everyMs, tally, gone);
    // Rows of a minute that has just ended may still be on their way.
    if (minute < minuteOf(now)) through = minute;
  }
  await dynamodb.send(new PutCommand({ TableName: connections, Item: { ...CURSOR, through } }));
  await announceGone(deps, gone);
  return tally;
}

async function* dueIn(table: Resource<"Query">, minute: number): AsyncGenerator<string[]> {
  const pages = queryPages(table, {
    KeyConditionExpression: "pk = :pk",
    ExpressionAttributeValues: { ":pk": dueKey(minute) },
    ProjectionExpression: "connectionId",
    Limit: PAGE,
  });
  for await (const { rows } of pages) yield rows.map(({ connectionId }) => connectionId as string);
}

async function look(
  { connections, posts }: SweepDeps,
  due: string[],
  everyMs: number,
  tally: SweepTally,
  gone: Map<string, User[]>,
): Promise<void> {
  const now = Date.now();
  const found = await connectionsAmong(connections, due);
  const again: WriteRequest[] = [];
  const lookAgain = ({ id }: Connection, afterMs: number) =>
    void again.push(duePut(id, now + Math.max(MINUTE_MS, afterMs)));
  await Promise.all(
    found.map(async (connection) => {
      tally.looked += 1;
      try {
        if (await isOpen(posts, connection.id)) {
          lookAgain(connection, 2 * everyMs - MINUTE_MS);
          if (connection.tokenExpiresAt + TOKEN_GRACE_MS > now) return;
          await close(posts, connection.id);
          tally.closed += 1;
        } else if (now - connection.connectedAt < YOUNG_MS) {
          lookAgain(connection, MINUTE_MS);
        } else {
          tally.gone += 1;
          for (const room of await removeConnection(connections, connection)) {
            gone.set(room, [...(gone.get(room) ?? []), connection.user]);
          }
        }
      } catch {
        tally.failed += 1;
        lookAgain(connection, MINUTE_MS);
      }
    }),
  );
  await batchWrite(connections, again);
}
