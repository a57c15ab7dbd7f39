/** Plants faults in the functions. If the frames didn't find each of them, the fuzzer would prove nothing. */
import { expect, test } from "vitest";
import { fuzz } from "./frames.ts";

interface PlantedFault {
  says: string;
  functions: string[];
  file: string;
  from: string;
  to: string;
  /** Text of the expected finding. */
  found: string;
}

const APPENDING = ["sendMessage", "editMessage", "deleteMessage", "react"];

const FAULTS: PlantedFault[] = [
  {
    says: "a person who isn't in a room reads it",
    functions: ["getHistory", "listMembers"],
    file: "chat/identity/caller.ts",
    from: 'if (membership === undefined) throw new Refusal("NOT_A_MEMBER", "you are not in this room: join it first");',
    to: "if (membership === undefined) return caller;",
    found: "it shows text to somebody who is not in the room",
  },
  {
    says: "everybody can join private rooms",
    functions: ["joinRoom", "hello"],
    file: "chat/rooms/join.ts",
    from: "rooms.filter((room) => rights.get(room)?.read)",
    to: "rooms",
    found: "somebody got into the private room",
  },
  {
    says: "a ping reports all rooms",
    functions: ["ping"],
    file: "handlers/ping.ts",
    from: "await roomsAmong(connections, connectionId, [...new Set(rooms)])",
    to: "[...new Set(rooms)]",
    found: "it names a room that its receiver is not in",
  },
  {
    says: "a connection that has left a room still gets its events",
    functions: ["leaveRoom"],
    file: "chat/rooms/leave.ts",
    from: "const refused = await putIf(table, ofRoom, unlessLater(leftAt));\n  if (refused === undefined) return leftAt;",
    to: "const refused = { row: ofRoom };",
    found: "a push: it names a room that its receiver is not in",
  },
  {
    says: "a room's name may have lone surrogates",
    functions: ["joinRoom"],
    file: "protocol/requests.ts",
    from: "wellFormed,\n  v.check(isStreamSafe,",
    to: "v.check(isStreamSafe,",
    found: "an invalid joinRoom is not refused",
  },
  {
    says: "an append is refused after it has been stored",
    functions: APPENDING,
    file: "handlers/appendRoute.ts",
    from: "roomRate.saw(room, seq);",
    to: 'roomRate.saw(room, seq);\n    if (seq % 9 === 0) throw rateLimited("too late", 1);',
    found: "entries that nobody was told about are stored",
  },
  {
    says: "an append is acknowledged by both a post and the answer",
    functions: APPENDING,
    file: "handlers/messageRoute.ts",
    from: "finish(isPosted ? undefined : answer, did,",
    to: "finish(isPosted ? answer : answer, did,",
    found: "it is answered twice",
  },
  {
    says: "a message may have any length",
    functions: ["sendMessage", "getHistory"],
    file: "protocol/requests.ts",
    from: "const TOO_LONG_TEXT = `is longer than ${MAX_TEXT_BYTES} bytes of UTF-8`;",
    to: "const MAX_TEXT_BYTES = 1_000_000;\nconst TOO_LONG_TEXT = `is longer than ${MAX_TEXT_BYTES} bytes of UTF-8`;",
    found: "an invalid sendMessage is not refused",
  },
];

test.each(FAULTS.map((fault) => [fault.says, fault] as const))(
  "the fuzzer finds a planted fault: %s",
  { timeout: 120_000 },
  async (says, { functions, file, from, to, found }) => {
    const patches = { [file]: [{ from, to }] };
    const plant = { name: says, says, breaks: [], in: "server" as const, functions, patches };

    const { findings } = await fuzz({ seed: 1, count: 5_000, plant });

    expect(findings.map(({ what }) => what)).toContain(found);
  },
);
