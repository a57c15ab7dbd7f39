/** What every route that writes to a room's log does: append, acknowledge, and only then bring it to everyone. */
import type * as v from "valibot";
import { encodeFrame, post } from "../chat/connections/connectionsApi";
import { type FanOutDeps, fanOut } from "../chat/fanOut/fanOut";
import { type Admission, asMember, type Caller } from "../chat/identity/caller";
import { RoomRate, SharedRate } from "../chat/limits/rates";
import { append } from "../chat/log/append";
import { Retention } from "../chat/log/retention";
import { rateLimited } from "../chat/refusal";
import type { Resource } from "../chat/resource";
import { resource } from "../chat/resource";
import type { EntryContent } from "../protocol/entries";
import type { AckFrame } from "../protocol/responses";
import type { MessageEvent, RouteResponse } from "./events";
import { messageRoute, rates } from "./messageRoute";

export type AppendUses = {
  CONNECTIONS_TABLE: "GetItem" | "Query" | "UpdateItem" | "BatchWriteItem";
  MESSAGES_TABLE: "GetItem" | "UpdateItem" | "PutItem";
  CONNECTIONS_URL: "POST" | "DELETE";
  FAN_OUT: "InvokeFunction";
  RATES: "setting";
  RETENTION_DAYS: "setting";
};

const connections = resource<AppendUses, "CONNECTIONS_TABLE">("CONNECTIONS_TABLE");
const retention = new Retention(Number(resource<AppendUses, "RETENTION_DAYS">("RETENTION_DAYS")));
const messages = resource<AppendUses, "MESSAGES_TABLE">("MESSAGES_TABLE");
const posts = resource<AppendUses, "CONNECTIONS_URL">("CONNECTIONS_URL");
const deps: FanOutDeps = { connections, posts, fanOut: resource<AppendUses, "FAN_OUT">("FAN_OUT") };

const appends = new SharedRate(connections, "appends", rates.appends);
const roomRate = new RoomRate(rates.room);

type Append = { action: string; id?: string | undefined; room: string; retry: boolean };

/**
 * Makes the function of such a route.
 *
 * @param contentOf what of a valid frame is stored; it may throw a Refusal
 */
export function appendRoute<Frame extends Append>(
  schema: v.GenericSchema<unknown, Frame>,
  contentOf: (
    request: Frame,
    caller: Caller,
    log: Resource<"GetItem">,
    roles: Resource<"GetItem">,
  ) => EntryContent | Promise<EntryContent>,
): (event: MessageEvent) => Promise<RouteResponse> {
  return messageRoute(admits, schema, async (request, caller) => {
    const { id, room, retry } = request;
    refuseFor("you are too fast", await appends.take(caller.user.id));
    const content = await contentOf(request, caller, messages, connections);
    const { entry, duplicate, isNew } = await append(
      messages,
      { room, user: caller.user, id, content, retry },
      retention,
    );
    const { seq, sentAt } = entry;
    roomRate.saw(room, seq);
    const ack: AckFrame = { type: "ack", id, seq, sentAt, ...(duplicate ? { duplicate } : {}) };
    // A route response would leave only after the fan-out.
    const posted = await post(posts, caller.connectionId, encodeFrame(ack)).catch(() => undefined);
    const answer = posted === undefined ? { answer: ack } : {};
    if (!isNew) return { ...answer, did: "found" };
    const tally = await fanOut(deps, { type: "event", room, entries: [entry] });
    const counts = {
      postedCount: tally.posted,
      goneCount: tally.gone,
      failedCount: tally.failed,
      rangesCount: tally.ranges,
    };
    return { ...answer, did: "appended", counts };
  });
}

const isWriter = asMember(connections, "write");

/** Refuses what is too fast before anything is read: a flood is to cost as little as can be. @throws Refusal RATE_LIMITED */
const admits: Admission<{ room: string }> = (caller, request) => {
  refuseFor("the room is too busy", roomRate.waitMs(request.room));
  refuseFor("you are too fast", appends.refusedMs(caller.user.id));
  return isWriter(caller, request);
};

/** @throws Refusal RATE_LIMITED unless there is nothing to wait for */
function refuseFor(why: string, waitMs: number): void {
  if (waitMs > 0) throw rateLimited(why, waitMs);
}
