/** Private rooms, invitations, moderators and bans. */
import { beforeAll, describe, expect, test } from "vitest";
import type { Target } from "../e2e/target.ts";
import type { TestClient } from "../webSocketClient.ts";
import { join, request, say, unique } from "./requests.ts";

export function describeModeration(start: () => Promise<Target>): void {
  let target: Target;

  beforeAll(async () => {
    target = await start();
  });

  /** Creates a private room, which its first member moderates. */
  async function privateRoom(): Promise<{ room: string; moderator: TestClient; name: string }> {
    const [room, name] = [unique("private-room"), unique("moderator")];
    const moderator = await target.connect(name);
    await join(room, moderator);
    return { room, moderator, name };
  }

  describe("a private room", () => {
    test("is moderated by its first member, and others need an invitation", async () => {
      const { room, moderator } = await privateRoom();
      const stranger = await target.connect(unique("stranger"));
      expect(await request(stranger, "joinRoom", { room })).toMatchObject({ type: "error", code: "FORBIDDEN" });
      const { heads } = await request(stranger, "hello", { rooms: [{ room }] });
      expect(Object.keys(heads)).toEqual(["lobby"]);
      await say(moderator, room, "for nobody else");
      for (const action of ["getHistory", "listMembers"]) {
        expect(await request(stranger, action, { room })).toMatchObject({ type: "error", code: "NOT_A_MEMBER" });
      }
    });

    test("is open to invited people, from any connection and through hello", async () => {
      const { room, moderator } = await privateRoom();
      const guest = unique("guest");
      await say(moderator, room, "before");
      expect(await request(moderator, "invite", { room, user: guest })).toMatchObject({ type: "ack" });
      const { page } = await request(await target.connect(guest), "joinRoom", { room });
      expect(page.entries.map(({ text }: { text: string }) => text)).toEqual(["before"]);
      const { heads } = await request(await target.connect(guest), "hello", { rooms: [{ room }] });
      expect(heads).toHaveProperty(room, 1);
    });

    test("accepts invitations only from moderators, who may make others moderators", async () => {
      const { room, moderator } = await privateRoom();
      const [guest, friend] = [unique("guest"), unique("friend")];
      await request(moderator, "invite", { room, user: guest });
      const client = await target.connect(guest);
      const refused = { type: "error", code: "FORBIDDEN" };
      expect(await request(client, "invite", { room, user: friend })).toMatchObject(refused);
      expect(await request(client, "ban", { room, user: friend })).toMatchObject(refused);
      await request(moderator, "invite", { room, user: guest, moderator: true });
      expect(await request(client, "invite", { room, user: friend })).toMatchObject({ type: "ack" });
    });

    test("is moderated by only one of several people who join at the same time", async () => {
      const room = unique("private-room");
      const clients = await Promise.all(["one", "two", "three"].map((who) => target.connect(unique(who))));
      const answers = await Promise.all(clients.map((client) => request(client, "joinRoom", { room })));
      expect(answers.map(({ type }) => type).sort()).toEqual(["ack", "error", "error"]);
    });
  });

  test("a room that isn't private has no moderators except those that an operator names", async () => {
    const room = unique("room");
    const client = await target.connect(unique("anybody"));
    await join(room, client);
    expect(await request(client, "ban", { room, user: "somebody" })).toMatchObject({
      type: "error",
      code: "FORBIDDEN",
    });
  });

  test("a moderator deletes others' messages but can't edit them", async () => {
    const { room, moderator } = await privateRoom();
    const guest = unique("guest");
    await request(moderator, "invite", { room, user: guest });
    const client = await target.connect(guest);
    await join(room, client, moderator);
    const { seq: target_ } = await say(client, room, "rude");
    expect(await request(moderator, "editMessage", { room, target: target_, text: "nice" })).toMatchObject({
      code: "FORBIDDEN",
    });
    expect(await request(moderator, "deleteMessage", { room, target: target_ })).toMatchObject({ type: "ack" });
    const { seq: own } = await say(moderator, room, "that was rude");
    expect(await request(client, "deleteMessage", { room, target: own })).toMatchObject({ code: "FORBIDDEN" });
  });

  describe("a banned person", () => {
    async function banned() {
      const { room, moderator } = await privateRoom();
      const user = unique("troll");
      await request(moderator, "invite", { room, user });
      const [inRoom, elsewhere] = [await target.connect(user), await target.connect(user)];
      await join(room, inRoom);
      inRoom.frames.length = elsewhere.frames.length = 0;
      expect(await request(moderator, "ban", { room, user })).toMatchObject({ type: "ack" });
      return { room, moderator, user, inRoom, elsewhere };
    }

    test("loses every connection and gets no later events", async () => {
      const { room, moderator, inRoom, elsewhere } = await banned();
      await say(moderator, room, "peace");
      await Promise.all([inRoom.closed, elsewhere.closed]);
      expect(inRoom.frames.filter(({ type }) => type === "event")).toEqual([]);
    });

    test("returns to other rooms, but not to this one", async () => {
      const { room, user } = await banned();
      const client = await target.connect(user);
      expect(await request(client, "joinRoom", { room })).toMatchObject({ type: "error", code: "FORBIDDEN" });
      expect(await request(client, "sendMessage", { room, text: "hi" })).toMatchObject({ code: "NOT_A_MEMBER" });
      const elsewhere = unique("room");
      await join(elsewhere, client);
      await say(client, elsewhere, "hi");
    });

    test("may return when invited", async () => {
      const { room, moderator, user } = await banned();
      await request(moderator, "invite", { room, user });
      expect(await request(await target.connect(user), "joinRoom", { room })).toMatchObject({ type: "ack" });
    });

    test("is announced as gone to the others", async () => {
      const { room, moderator, user } = await banned();
      await moderator.next((frame) => frame.type === "presence" && !frame.online && frame.user.id === user);
      const { members } = await request(moderator, "listMembers", { room });
      expect(members.map(({ id }: { id: string }) => id)).not.toContain(user);
    });
  });

  test("a room's founder stays its moderator, even if an invited moderator tries to change that", async () => {
    const { room, moderator, name } = await privateRoom();
    const guest = unique("guest");
    await request(moderator, "invite", { room, user: guest, moderator: true });
    const client = await target.connect(guest);
    for (const action of ["ban", "invite"]) {
      expect(await request(client, action, { room, user: name })).toMatchObject({ code: "FORBIDDEN" });
    }
    expect(await request(moderator, "ban", { room, user: guest })).toMatchObject({ type: "ack" });
  });

  test("a banned person's list of rooms reveals nothing about the room", async () => {
    const { room, moderator } = await privateRoom();
    const guest = unique("guest");
    await request(moderator, "invite", { room, user: guest });
    await join(room, await target.connect(guest));
    await request(moderator, "ban", { room, user: guest });
    const { rooms } = await request(await target.connect(guest), "listRooms");
    expect(rooms.map((listed: { room: string }) => listed.room)).not.toContain(room);
  });

  test("people can't ban themselves or change their own role", async () => {
    const { room, moderator, name } = await privateRoom();
    for (const action of ["ban", "invite"]) {
      expect(await request(moderator, action, { room, user: name })).toMatchObject({ code: "FORBIDDEN" });
    }
  });
}
