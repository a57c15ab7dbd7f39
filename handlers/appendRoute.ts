/**
 * The steps shared by all routes that write to a room's log: append, acknowledge, and only then push the entry.
 */
import type * as v from "valibot";
import { markPresent } from "../chat/connections/connections";
import { fanOut } from "../chat/fanOut/fanOut";
import { roundCountsOf } from "../chat/fanOut/rounds";
import { type Admission, asMember, type Caller } from "../chat/identity/caller";
import { RoomRate } from "../chat/limits/roomRate";
import { SharedRate } from "../chat/limits/sharedRate";
import { type Appended, append, earlierAttempt, type Request } from "../chat/log/append";
import { Retention } from "../chat/log/retention";
import { announceArrival } from "../chat/presence/announce";
import { Refusal } from "../chat/refusal";
import type { EntryContent } from "../protocol/entries";
import type { AckFrame } from "../protocol/responses";
import { environment } from "./environment";
import type { MessageEvent, RouteResponse } from "./events";
import { limitsOf, type MessageUses, messageRoute, refuseFor } from "./messageRoute";

export type AppendUses = MessageUses<"GetItem" | "Query" | "BatchWriteItem"> & {
  MESSAGES_TABLE: "GetItem" | "Query" | "UpdateItem" | "PutItem";
  FAN_OUT: "InvokeFunction";
  RETENTION_DAYS: "setting";
};

const env = environment<AppendUses>();
const { CONNECTIONS_TABLE: connections, MESSAGES_TABLE: messages, CONNECTIONS_URL: posts } = env;
const retention = new Retention(Number(env.RETENTION_DAYS));
const deps = { connections, messages, posts, retention, fanOut: env.FAN_OUT };

const limits = limitsOf(env);
const appends = new SharedRate(connections, "appends", limits.appends);
const roomRate = new RoomRate(limits.room);

type AppendFrame = { action: string; id?: string | undefined; room: string; retry: boolean };

/** Resources for the route-specific functions below. */
const chat = { connections, messages, retention };

/** The differences between routes that append. */
interface AppendArgs<Frame> {
  /** Throws a Refusal if the caller may not make this request now. @default everyone may */
  admit?: (request: Frame, caller: Caller, using: typeof chat) => Promise<void>;
  /** The part of a valid frame that is stored. */
  contentOf: (request: Frame) => EntryContent;
  /** Runs after the entry is in the log and before the ack. A retry runs it again. */
  finish?: (request: Frame, seq: number, using: typeof chat) => Promise<void>;
}

/** Creates the function of a route that appends. */
export function appendRoute<Frame extends AppendFrame>(
  schema: v.GenericSchema<unknown, Frame>,
  { admit, contentOf, finish }: AppendArgs<Frame>,
): (event: MessageEvent) => Promise<RouteResponse> {
  return messageRoute<Frame>(env, {
    admits,
    schema,
    points: 1,
    budget: appends,
    async run(request, caller) {
      const { id, room, retry } = request;
      const { connectionId, user } = caller;
      const wanted = { room, user, id, content: contentOf(request), retry };
      const refusal = await refusalOf(admit?.(request, caller, chat));
      const { entry, duplicate, isNew, turn } =
        refusal === undefined ? await append(messages, wanted, retention) : await appendedBefore(wanted, refusal);
      const { seq, sentAt } = entry;
      roomRate.saw(room, seq);
      await finish?.(request, seq, chat);
      const answer: AckFrame = { type: "ack", id, seq, sentAt, ...(duplicate ? { duplicate } : {}) };
      const after = async () => {
        const tally = isNew ? await fanOut(deps, room, entry, turn) : undefined;
        // From now on, a person who has only listened so far is present for the others too.
        if (!caller.isPresent) {
          const rooms = await markPresent(connections, connectionId);
          await announceArrival({ connections, posts }, { id: connectionId, user }, rooms);
        }
        return tally && roundCountsOf(tally);
      };
      return { answer, did: isNew ? "appended" : "found", after };
    },
  });
}

async function refusalOf(admission: Promise<void> | undefined): Promise<Refusal | undefined> {
  try {
    return void (await admission);
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

/**
 * Finds the entry of an earlier attempt: a retry of a completed request gets the original answer, even if the request
 * would be refused now.
 *
 * @throws the refusal if there is no earlier attempt
 */
async function appendedBefore(wanted: Request, refusal: Refusal): Promise<Appended> {
  const entry = await earlierAttempt(messages, wanted, retention);
  if (entry === undefined) throw refusal;
  return { entry, duplicate: true, isNew: false };
}

const isWriter = asMember(connections, "write");

const admits: Admission<{ room: string }> = async (caller, request) => {
  refuseFor("the room is too busy", roomRate.waitMs(request.room));
  return isWriter(caller, request);
};
