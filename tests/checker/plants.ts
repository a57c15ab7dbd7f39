/**
 * Faults planted in the code, each of which the checker must find. A plant replaces an exact piece of a module's text
 * during bundling, which keeps the shipped code free of it.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Plugin } from "esbuild";
import { ROOT } from "../program/stack.ts";

export interface Plant {
  name: string;
  /** Describes the fault. */
  says: string;
  /** Properties that it breaks. */
  breaks: string[];
  in: "server" | "client";
  /** Seed to start with, for faults that low seeds are unlikely to trigger. @default 1 */
  from?: number;
  /** Functions that contain the module. */
  functions: string[];
  /** Replacements by file. */
  patches: Record<string, { from: string; to: string }[]>;
}

const APPENDING = ["sendMessage", "editMessage", "deleteMessage", "react"];
const READING = ["getHistory", "joinRoom"];

export const PLANTS: Plant[] = [
  {
    name: "going-on-after-a-failed-move",
    says: "an append continues with its new position although DEDUPE didn't move there: two entries, two acks",
    breaks: ["unique"],
    in: "server",
    functions: APPENDING,
    patches: {
      "chat/log/append.ts": [
        {
          from: "if (failed === undefined || failed.row?.seq === to) return to;",
          to: "if (failed !== null) return to;",
        },
      ],
    },
  },
  {
    name: "failed-move-as-error",
    says: "an append fails with an error when its DEDUPE row can't be moved",
    breaks: ["errors"],
    in: "server",
    functions: APPENDING,
    patches: {
      "chat/log/append.ts": [
        {
          from: "if (failed === undefined || failed.row?.seq === to) return to;",
          to: 'if (failed !== undefined) throw new Error("the move failed");\n    return to;',
        },
      ],
    },
  },
  {
    name: "id-conflict-leaves-a-hole",
    says: "ID_CONFLICT is answered while the position claimed for the message is still a hole",
    breaks: ["tidy"],
    in: "server",
    functions: APPENDING,
    patches: {
      "chat/log/append.ts": [
        {
          from: "await voidPosition(this.#table, this.#room, position, this.#retention);\n    if (row.hash !== this.#hash) throw idConflict();",
          to: "if (row.hash !== this.#hash) throw idConflict();\n    await voidPosition(this.#table, this.#room, position, this.#retention);",
        },
      ],
    },
  },
  {
    name: "reader-skips-a-hole",
    says: "a reader treats an old hole as void without filling it",
    breaks: ["ordered", "contiguous"],
    in: "server",
    functions: READING,
    patches: {
      "chat/log/read.ts": [
        {
          from: "row = await voidPosition(table, room, seq, retention);",
          to: 'row = { sk: seq, kind: "void", at: Date.now() };\n      void retention;',
        },
      ],
    },
  },
  {
    name: "ack-before-the-entry",
    says: "an append is acknowledged before its entry is stored",
    breaks: ["durable"],
    in: "server",
    functions: APPENDING,
    patches: {
      "chat/log/append.ts": [
        {
          from: "const row = await putIfAbsent(table, rowOf(room, entry, retention));",
          to: "const row = undefined as Record<string, never> | undefined;\n    putIfAbsent(table, rowOf(room, entry, retention)).catch(() => {});",
        },
      ],
    },
  },
  {
    name: "no-dedupe",
    says: "an append doesn't look for an earlier attempt",
    breaks: ["unique"],
    in: "server",
    functions: APPENDING,
    patches: {
      "chat/log/append.ts": [
        {
          from: "if (row === undefined || row.seq === position) return position;",
          to: "if (row !== null) return position;",
        },
        { from: "retry ? await claim.known() : undefined", to: "retry ? undefined : undefined" },
      ],
    },
  },
  {
    name: "heads-before-memberships",
    says: "hello reads the heads before the connection's rows are in the rooms",
    breaks: ["joining"],
    in: "server",
    functions: ["hello"],
    patches: {
      "handlers/hello.ts": [
        {
          from: "const joined = await join(",
          to: "const heads = new Map(Object.entries(await headsOf(messages, names)));\n    const joined = await join(",
        },
        { from: "const heads = new Map(Object.entries(await headsOf(messages, entered)));", to: "" },
      ],
    },
  },
  {
    name: "page-before-membership",
    says: "joinRoom reads the page before the connection's row is in the room",
    breaks: ["joining"],
    in: "server",
    functions: ["joinRoom"],
    patches: {
      "handlers/joinRoom.ts": [
        {
          from: "const joined = await join(connections, caller, [room], roomsPerConnection);\n    const { connection, entered, arrived } = joined;",
          to: "const entered = [room];",
        },
        {
          from: "return {\n      answer:",
          to: "const { connection, arrived } = await join(connections, caller, [room], roomsPerConnection);\n    return {\n      answer:",
        },
      ],
    },
  },
  {
    name: "leaving-acknowledged-first",
    says: "leaveRoom answers before the connection's rows are gone",
    breaks: ["leaving"],
    in: "server",
    from: 201,
    functions: ["leaveRoom"],
    patches: {
      "handlers/leaveRoom.ts": [
        {
          from: "await leave(connections, connectionId, room);",
          to: "void leave(connections, connectionId, room);",
        },
      ],
    },
  },
  {
    name: "ban-takes-memberships-only",
    says: "a ban removes a connection's own memberships and leaves the room's rows, by which it gets events",
    breaks: ["banning"],
    in: "server",
    functions: ["ban"],
    patches: {
      "chat/connections/connections.ts": [
        {
          from: "return [{ PutRequest: { Item } }, { DeleteRequest: { Key: ofConnection } }];",
          to: "return [{ DeleteRequest: { Key: Item.pk ? ofConnection : ofRoom } }];",
        },
      ],
    },
  },
  {
    name: "ban-acknowledged-first",
    says: "a ban is acknowledged before the person's connections are out of the room",
    breaks: ["banning"],
    in: "server",
    functions: ["ban"],
    patches: {
      "handlers/ban.ts": [
        {
          from: "const gone = await banFrom(",
          to: "const gone = undefined as undefined | typeof caller.user;\n    void banFrom(",
        },
      ],
    },
  },
  {
    name: "posts-past-the-token",
    says: "a fan-out ignores the expiry of members' tokens",
    breaks: ["expiry"],
    in: "server",
    functions: APPENDING,
    patches: {
      "chat/rooms/members.ts": [
        { from: '"expiresAt > :seconds AND tokenExpiresAt > :now"', to: '"expiresAt > :seconds AND :now > :seconds"' },
      ],
      "chat/fanOut/deliver.ts": [{ from: "if (tokenExpiresAt <= now) return;", to: "void tokenExpiresAt;" }],
    },
  },
  {
    name: "release-without-a-look",
    says: "a function that posts for a room gives up the lease without checking for entries appended in the meantime",
    breaks: ["pushed"],
    in: "server",
    functions: [...APPENDING, "fanOut"],
    patches: {
      "chat/fanOut/lease.ts": [{ from: '"leaseOwner = :me AND head = :fanned"', to: '"leaseOwner = :me"' }],
    },
  },
  {
    name: "holder-owes-everything",
    says: "the loser of a race for a lease leaves its entry to the holder even if the holder began after that entry",
    breaks: ["pushed"],
    in: "server",
    functions: [...APPENDING, "fanOut"],
    patches: {
      "chat/fanOut/lease.ts": [{ from: "from <= seq && (isHeld || posted >= seq)", to: "isHeld" }],
    },
  },
  {
    name: "release-covers-everything",
    says: "the loser of a race for a lease considers its entry posted although the last holder began after that entry",
    breaks: ["pushed"],
    in: "server",
    functions: [...APPENDING, "fanOut"],
    patches: {
      "chat/fanOut/lease.ts": [{ from: "from <= seq && (isHeld || posted >= seq)", to: "posted >= seq" }],
    },
  },
  {
    name: "connection-removed-last",
    says: "$disconnect removes the connection's own row last, so a join in progress considers it open",
    breaks: ["presence"],
    in: "server",
    functions: ["disconnect"],
    patches: {
      "chat/presence/departures.ts": [
        {
          from: "await batchWrite(table, [{ DeleteRequest: { Key: connectionRowKey(id) } }]);\n  return leaveAllRooms(table, id, user);",
          to: "const departed = await leaveAllRooms(table, id, user);\n  await batchWrite(table, [{ DeleteRequest: { Key: connectionRowKey(id) } }]);\n  return departed;",
        },
      ],
    },
  },
  {
    name: "departures-unseen",
    says: "departures are announced without checking whether the person is back",
    breaks: ["presence"],
    in: "server",
    functions: ["departures", "sweep"],
    patches: {
      "chat/presence/announce.ts": [
        { from: "if (await isThere(deps.connections, room, people, user.id)) continue;", to: "" },
      ],
    },
  },
  {
    name: "mark-removed-last",
    says: "a slot's mark is removed after its departures are read: a departure added in between is never announced",
    breaks: ["presence"],
    in: "server",
    from: 201,
    functions: ["departures", "sweep"],
    patches: {
      // Slots are announced slowly and as soon as they are over, so that the fault happens often enough.
      "chat/presence/departures.ts": [{ from: "const HOLD_MS = 3_000;", to: "const HOLD_MS = 0;" }],
      "chat/presence/announceSlot.ts": [
        {
          from: 'await batchWrite(table, [{ DeleteRequest: { Key: dueKey("DEPARTURES", String(slot), due) } }]);',
          to: "",
        },
        {
          from: "await announceDepartures(deps, left);",
          to: 'await announceDepartures(deps, left);\n  await new Promise((resolve) => setTimeout(resolve, 5_000));\n  await batchWrite(table, [{ DeleteRequest: { Key: dueKey("DEPARTURES", String(slot), due) } }]);',
        },
      ],
    },
  },
  {
    name: "gone-removed-in-silence",
    says: "a connection that answers 410 is removed from its rooms without an announcement",
    breaks: ["presence"],
    in: "server",
    functions: [...APPENDING, "departures"],
    patches: {
      "chat/fanOut/deliver.ts": [
        {
          from: 'import { recheckSoon } from "../connections/due";',
          to: 'import { membershipDeletes, membershipsOf } from "../connections/connections";\nimport { batchWrite } from "../tables/batchWrite";',
        },
        {
          from: "await recheckSoon(connections, { id, connectedAt }, room).catch(() => {});",
          to: "const rooms = (await membershipsOf(connections, id)).map((one) => one.room);\n    await batchWrite(connections, membershipDeletes(id, [...new Set([...rooms, room])]));",
        },
      ],
    },
  },
  {
    name: "caller-kept-in-memory",
    says: "an environment mistakes every later caller for its first one",
    breaks: ["identity"],
    in: "server",
    functions: APPENDING,
    patches: {
      "chat/identity/caller.ts": [
        {
          from: "return { connectionId, user: { id: principalId, name },",
          to: "const kept = userOf as { user?: { id: string; name: string } };\n  kept.user ??= { id: principalId, name };\n  return { connectionId, user: kept.user,",
        },
      ],
    },
  },
  {
    name: "pages-too-large",
    says: "a page may be larger than a frame",
    breaks: ["frames"],
    in: "server",
    functions: READING,
    patches: { "protocol/frameSize.ts": [{ from: "MAX_FRAME_BYTES = 32_000", to: "MAX_FRAME_BYTES = 64_000" }] },
  },
  {
    name: "edit-noted-when-written",
    says: "an edit is noted on its message only after it is written: a crash in between leaves the edit's text",
    breaks: ["deleted"],
    in: "server",
    functions: ["editMessage"],
    patches: {
      "chat/log/append.ts": [
        {
          from: 'if (content.kind === "edit" && !(await noteEdit(table, room, content.target, position))) {',
          to: "if (position === 0) {",
        },
        {
          from: "const own = turn?.seq === position ? { turn } : {};",
          to: 'if (content.kind === "edit") await noteEdit(table, room, content.target, position);\n    const own = turn?.seq === position ? { turn } : {};',
        },
      ],
    },
  },
  {
    name: "edits-noted-on-the-deleted",
    says: "a message still records the positions of edits after it has been erased, and nobody erases those edits",
    breaks: ["deleted"],
    in: "server",
    functions: ["editMessage"],
    patches: {
      "chat/log/erasure.ts": [{ from: " AND attribute_not_exists(erased)", to: "" }],
    },
  },
  {
    name: "slow-edits-left-alone",
    says: "a deletion leaves open the positions of edits that are noted but not yet written",
    breaks: ["deleted"],
    in: "server",
    from: 401,
    functions: [...APPENDING, "fanOut", ...READING],
    patches: {
      "chat/log/erasure.ts": [
        {
          from: "await voidPosition(table, room, position, retention, message?.sentAt as number);",
          to: "void [voidPosition, retention];",
        },
      ],
    },
  },
  {
    name: "deletion-acknowledged-first",
    says: "a deletion is acknowledged before the content is erased",
    breaks: ["deleted"],
    in: "server",
    functions: ["deleteMessage"],
    patches: { "handlers/appendRoute.ts": [{ from: "await finish?.(", to: "void finish?.(" }] },
  },
  {
    name: "deletions-left-unfinished",
    says: "readers accept a deletion whose function crashed before it erased anything",
    breaks: ["deleted"],
    in: "server",
    functions: READING,
    patches: {
      "chat/log/erasure.ts": [
        { from: 'kind === "delete" && done === undefined', to: 'kind === "delete" && done === false' },
      ],
    },
  },
  {
    name: "deleted-is-not-found-for-retries",
    says: "a retry of an acknowledged append is refused if its message has been deleted since",
    breaks: ["deleted"],
    in: "server",
    functions: ["editMessage", "deleteMessage", "react"],
    patches: {
      "handlers/appendRoute.ts": [
        { from: "if (entry === undefined) throw refusal;", to: "if (entry !== null) throw refusal;" },
      ],
    },
  },
  {
    name: "deleted-messages-take-more",
    says: "an append to a message isn't checked against the message's deletion",
    breaks: ["deleted"],
    in: "server",
    functions: ["deleteMessage", "react"],
    patches: { "chat/log/authorship.ts": [{ from: " || Item.erased === true", to: "" }] },
  },
  {
    name: "pipelined-sends",
    says: "the library sends a message before the previous one is acknowledged",
    breaks: ["sendOrder"],
    in: "client",
    functions: [],
    patches: {
      "client/outbox/queue.ts": [
        {
          from: "await this.#attempt(first);",
          to: "await Promise.all(this.#appends.filter(({ isSettled }) => !isSettled).map((append) => this.#attempt(append)));",
        },
      ],
    },
  },
  {
    name: "cursor-ahead-of-the-gap",
    says: "the library shows pushes at once and moves its cursor past the gap before them",
    breaks: ["contiguous"],
    in: "client",
    functions: [],
    patches: {
      "client/room/delivery.ts": [
        {
          from: "if (entry.seq > (this.#cursor ?? 0) && this.#waiting.size < MAX_WAITING) this.#waiting.set(entry.seq, entry);",
          to: "if (entry.seq <= (this.#cursor ?? Number.POSITIVE_INFINITY)) continue;\n      this.#cursor = entry.seq;\n      this.#deliver([entry]);",
        },
      ],
    },
  },
  {
    name: "deaf-to-heads",
    says: "the library ignores the heads in a pong",
    breaks: ["complete"],
    in: "client",
    functions: [],
    patches: {
      "client/client.ts": [
        {
          from: "for (const name of asked) this.#rooms.get(name)?.onHead(heads.get(name));",
          to: "void [asked, heads];",
        },
      ],
    },
  },
  {
    name: "goes-by-its-own-clock",
    says: "the library computes a token's expiry from its own clock",
    breaks: ["refreshing"],
    in: "client",
    functions: [],
    patches: {
      "client/session/tokenRefresh.ts": [
        {
          from: "frame.expiresInMs ?? (frame.expiresAt ?? 0) - clock.now()",
          to: "(frame.expiresAt ?? 0) - clock.now()",
        },
      ],
    },
  },
  {
    name: "resends-for-ever",
    says: "the library resends an unacknowledged message after more than 23 h",
    breaks: ["patience"],
    in: "client",
    functions: [],
    patches: { "client/outbox/queue.ts": [{ from: "23 * 3_600_000", to: "Number.POSITIVE_INFINITY" }] },
  },
];

/**
 * Makes a plant's changes while esbuild loads the modules.
 *
 * @throws (from the build) unless each text to change is found exactly once
 */
export function planting({ name, patches }: Plant): Plugin {
  return {
    name: "planting",
    setup(build) {
      const missing = new Set(Object.keys(patches));
      build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        const file = Object.keys(patches).find((known) => join(ROOT, known) === path);
        if (file === undefined) return undefined;
        missing.delete(file);
        let contents = await readFile(path, "utf8");
        for (const { from, to } of patches[file] ?? []) {
          if (contents.split(from).length !== 2) {
            throw new Error(`${file} must contain the text of the plant ${name} exactly once: ${from}`);
          }
          contents = contents.replace(from, () => to);
        }
        return { contents, loader: "ts" };
      });
      build.onEnd(() => {
        if (missing.size > 0) throw new Error(`the plant ${name} found no ${[...missing].join(", ")} in a bundle`);
      });
    },
  };
}
