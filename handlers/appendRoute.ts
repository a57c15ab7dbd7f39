/** What every route that writes to a room's log does: append, acknowledge, and only then bring it to everyone. */
import type * as v from "valibot";
import { markPresent } from "../chat/connections/connections";
import { countsOf } from "../chat/fanOut/deliver";
import { type FanOutDeps, fanOut } from "../chat/fanOut/fanOut";
import { type Admission, asMember, type Caller } from "../chat/identity/caller";
import { RoomRate } from "../chat/limits/roomRate";
import { SharedRate } from "../chat/limits/sharedRate";
import { append } from "../chat/log/append";
import { Retention } from "../chat/log/retention";
import { announceArrival } from "../chat/presence/announce";
import type { Resource } from "../chat/resource";
import type { EntryContent } from "../protocol/entries";
import type { AckFrame } from "../protocol/responses";
import { environment } from "./environment";
import type { MessageEvent, RouteResponse } from "./events";
import { limits, type MessageUses, messageRoute, refuseFor, strike } from "./messageRoute";

export type AppendUses = MessageUses<"GetItem" | "Query" | "BatchWriteItem"> & {
  MESSAGES_TABLE: "GetItem" | "UpdateItem" | "PutItem";
  FAN_OUT: "InvokeFunction";
  RETENTION_DAYS: "setting";
};

const env = environment<AppendUses>();
const { CONNECTIONS_TABLE: connections, MESSAGES_TABLE: messages, CONNECTIONS_URL: posts } = env;
const retention = new Retention(Number(env.RETENTION_DAYS));
const deps: FanOutDeps = { connections, posts, fanOut: env.FAN_OUT };

const appends = new SharedRate(connections, "appends", limits.appends);
const roomRate = new RoomRate(limits.room);

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
  return messageRoute<Frame>({
    admits,
    schema,
    // Appends have a budget of their own.
    points: 0,
    async run(request, caller) {
      const { id, room, retry } = request;
      const { connectionId, user } = caller;
      await refuseFor("you are too fast", await appends.take(user.id));
      const content = await contentOf(request, caller, messages, connections);
      const appended = await append(messages, { room, user, id, content, retry }, retention);
      const { entry, duplicate, isNew } = appended;
      const { seq, sentAt } = entry;
      roomRate.saw(room, seq);
      const answer: AckFrame = { type: "ack", id, seq, sentAt, ...(duplicate ? { duplicate } : {}) };
      const after = async () => {
        const tally = isNew ? await fanOut(deps, { type: "event", room, entries: [entry] }) : undefined;
        // Somebody who has only listened so far is there for the others, too, from now on.
        if (!caller.isPresent) {
          const rooms = await markPresent(connections, connectionId);
          await announceArrival({ connections, posts }, { id: connectionId, user }, rooms);
        }
        return tally && { ...countsOf(tally), rangesCount: tally.ranges };
      };
      return { answer, did: isNew ? "appended" : "found", after };
    },
  });
}

const isWriter = asMember(connections, "write");

/** Refuses what is too fast before anything is read: a flood is to cost as little as possible. */
const admits: Admission<{ room: string }> = async (caller, request) => {
  await refuseFor("the room is too busy", roomRate.waitMs(request.room));
  if (appends.isIgnored(caller.user.id)) await strike(caller);
  await refuseFor("you are too fast", appends.refusedMs(caller.user.id));
  return isWriter(caller, request);
};
