/** Frames that may be lost: typing, presence, read markers. Large rooms go without, for each would cost a post a member. */
import type { User } from "../../protocol/entries";
import type { PresenceFrame, ReadFrame, TypingFrame } from "../../protocol/responses";
import { encodeFrame } from "../connections/connectionsApi";
import type { Caller } from "../identity/caller";
import type { Resource } from "../resource";
import { type Member, membersOf } from "../rooms/members";
import { type DeliveryDeps, deliver } from "./deliver";

/** Rooms with more members than this get no such frames. */
const MOST_MEMBERS = 100;

/** Tells the other members of a small room. */
export async function tellOthers(
  deps: DeliveryDeps,
  { connectionId }: Caller,
  frame: TypingFrame | ReadFrame,
): Promise<void> {
  const others = (await fewMembers(deps, frame.room)).filter(({ id }) => id !== connectionId);
  await deliver(deps, frame.room, others, encodeFrame(frame));
}

/** Tells the other members of small rooms that somebody has come or gone, unless a second connection keeps them there. */
export async function announce(
  deps: DeliveryDeps,
  { connectionId, user }: Pick<Caller, "connectionId" | "user">,
  rooms: string[],
  online: boolean,
): Promise<void> {
  for (const room of rooms) {
    const others = (await fewMembers(deps, room)).filter(({ id }) => id !== connectionId);
    await tellOf(deps, others, room, user, online);
  }
}

/** Tells the members of small rooms who has gone from there, by room. */
export async function announceGone(deps: DeliveryDeps, gone: Map<string, User[]>): Promise<void> {
  for (const [room, users] of gone) {
    const members = await fewMembers(deps, room);
    for (const user of new Map(users.map((one) => [one.id, one])).values())
      await tellOf(deps, members, room, user, false);
  }
}

async function tellOf(deps: DeliveryDeps, members: Member[], room: string, user: User, online: boolean): Promise<void> {
  if (members.some((member) => member.user.id === user.id)) return;
  const frame: PresenceFrame = { type: "presence", room, user, online };
  await deliver(deps, room, members, encodeFrame(frame));
}

/** The people in a room, each once. @param most further ones are left out, and `more` says so */
export async function peopleIn(connections: Resource<"Query">, room: string, most: number) {
  const people = new Map<string, Member["user"]>();
  for await (const { members } of membersOf(connections, room)) {
    for (const { user } of members) people.set(user.id, user);
    if (people.size > most) break;
  }
  return { members: [...people.values()].slice(0, most), more: people.size > most };
}

/** All members of a small room; none of a large one. */
async function fewMembers({ connections }: DeliveryDeps, room: string): Promise<Member[]> {
  const found: Member[] = [];
  for await (const { members } of membersOf(connections, room)) {
    found.push(...members);
    if (found.length > MOST_MEMBERS) return [];
  }
  return found;
}
