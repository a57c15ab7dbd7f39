/** The messages that people see depend only on the log, not on the order in which its entries arrive. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Fold, type FoldedMessage } from "../../client/fold/index.ts";
import type { AuthoredEntry, User } from "../../protocol/entries.ts";

const USERS = ["ana", "bob", "eve"].map((id) => ({ id, name: id.toUpperCase() }));
const EMOJI = ["👍", "❤️", "🎉"];

type Draft =
  | { kind: "message"; user: number; text: string; answers: boolean; on: number }
  | { kind: "edit"; text: string; on: number }
  | { kind: "delete"; on: number }
  | { kind: "reaction"; user: number; emoji: number; isOn: boolean; on: number };

const on = fc.nat();
const user = fc.nat(USERS.length - 1);
const draft: fc.Arbitrary<Draft> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("message" as const), user, text: fc.string(), answers: fc.boolean(), on }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("edit" as const), text: fc.string(), on }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("delete" as const), on }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("reaction" as const),
      user,
      emoji: fc.nat(EMOJI.length - 1),
      isOn: fc.boolean(),
      on,
    }),
  },
);

/** A log as a server writes it, in which only a message's author edits or deletes it. */
const log: fc.Arbitrary<AuthoredEntry[]> = fc.array(draft, { minLength: 1, maxLength: 60 }).map((drafts) => {
  const entries: AuthoredEntry[] = [];
  for (const [i, draft] of drafts.entries()) {
    const messages = entries.filter(({ kind }) => kind === "message");
    // Leaves a position between two entries, as if it were void.
    const authored = (n: number) => ({
      seq: 2 * i + 1,
      id: `id ${i}`,
      user: USERS[n] as (typeof USERS)[0],
      sentAt: 1_000 + i,
    });
    const target = messages.length === 0 ? undefined : (messages[draft.on % messages.length] as AuthoredEntry);
    if (draft.kind === "message") {
      const replyTo = draft.answers && target !== undefined ? { replyTo: target.seq } : {};
      entries.push({ ...authored(draft.user), kind: "message", text: draft.text, ...replyTo });
    } else if (target !== undefined) {
      const author = USERS.findIndex(({ id }) => id === target.user.id);
      if (draft.kind === "edit")
        entries.push({ ...authored(author), kind: "edit", target: target.seq, text: draft.text });
      else if (draft.kind === "delete") entries.push({ ...authored(author), kind: "delete", target: target.seq });
      else {
        const { emoji, isOn } = draft;
        entries.push({
          ...authored(draft.user),
          kind: "reaction",
          target: target.seq,
          emoji: EMOJI[emoji] as string,
          on: isOn,
        });
      }
    }
  }
  return entries;
});

/** The reference: applies one entry after the other in log order. */
function read(entries: AuthoredEntry[]): FoldedMessage[] {
  const messages: FoldedMessage[] = [];
  for (const entry of entries) {
    const { kind, seq, user, sentAt } = entry;
    if (kind === "message") {
      const { text, replyTo } = entry;
      const answer = replyTo === undefined ? {} : { replyTo };
      messages.push({ seq, user, sentAt, text, ...answer, isDeleted: false, reactions: new Map() });
      continue;
    }
    const message = messages.find((candidate) => candidate.seq === entry.target);
    if (message === undefined) continue;
    if (kind === "edit") {
      message.editedAt = sentAt;
      if (!message.isDeleted) message.text = entry.text;
    } else if (kind === "delete") {
      message.isDeleted = true;
      message.text = "";
    } else {
      const others = (message.reactions.get(entry.emoji) ?? []).filter(({ id }) => id !== user.id);
      // A person who reacts again moves to the end.
      const standing = entry.on ? [...others, user] : others;
      if (standing.length === 0) message.reactions.delete(entry.emoji);
      else message.reactions.set(entry.emoji, standing);
    }
  }
  return messages;
}

/** Messages without the order of their emoji, which the application chooses. */
const plain = (messages: FoldedMessage[]) =>
  messages.map(({ reactions, ...message }) => ({ ...message, reactions: Object.fromEntries(reactions) }));

describe("a fold", () => {
  test("shows the log's contents", () => {
    fc.assert(
      fc.property(log, (entries) => {
        const fold = new Fold();
        fold.add(entries);
        expect(plain(fold.messages)).toEqual(plain(read(entries)));
      }),
      { numRuns: 300 },
    );
  });

  test("shows the same for any order, repetition and division into pages", () => {
    fc.assert(
      fc.property(
        log.chain((entries) =>
          fc.tuple(
            fc.constant(entries),
            fc.shuffledSubarray(entries, { minLength: entries.length }),
            fc.array(fc.tuple(fc.nat(entries.length), fc.nat(entries.length)), { maxLength: 5 }),
            fc.integer({ min: 1, max: 10 }),
          ),
        ),
        ([entries, shuffled, again, pageLength]) => {
          const fold = new Fold();
          for (const [from, to] of again) fold.add(entries.slice(from, to));
          for (let at = 0; at < shuffled.length; at += pageLength) fold.add(shuffled.slice(at, at + pageLength));
          for (const [from, to] of again) fold.add(entries.slice(from, to).reverse());
          const straight = new Fold();
          straight.add(entries);
          expect(fold.messages).toEqual(straight.messages);
          // The order of emoji, which a Map keeps, must be the same, too.
          expect(fold.messages.map(({ reactions }) => [...reactions])).toEqual(
            straight.messages.map(({ reactions }) => [...reactions]),
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  test("finds each message by its position, equal to the one in the list", () => {
    fc.assert(
      fc.property(log, (entries) => {
        const fold = new Fold();
        fold.add(entries);
        for (const message of fold.messages) expect(fold.message(message.seq)).toEqual(message);
      }),
      { numRuns: 50 },
    );
  });

  test("accepts the entries as they are and doesn't modify them", () => {
    fc.assert(
      fc.property(log, (entries) => {
        const before = structuredClone(entries);
        const fold = new Fold();
        fold.add(entries);
        for (const { reactions } of fold.messages) reactions.clear();
        expect(entries).toEqual(before);
        expect(plain(fold.messages)).toEqual(plain(read(entries)));
      }),
      { numRuns: 50 },
    );
  });
});

const [ANA, BOB] = USERS as [(typeof USERS)[0], (typeof USERS)[0]];

function message(seq: number): AuthoredEntry {
  return { seq, kind: "message", id: `id ${seq}`, user: ANA, sentAt: seq, text: `message ${seq}` };
}

describe("changes that are known before their message", () => {
  test("count as soon as the page with the message arrives", () => {
    const fold = new Fold();
    const authored = { id: "x", user: ANA, sentAt: 9 };
    fold.add([
      { ...authored, seq: 7, kind: "edit", target: 2, text: "edited" },
      { ...authored, seq: 8, kind: "reaction", target: 2, emoji: "👍", on: true },
    ]);
    expect(fold.messages).toEqual([]);
    expect(fold.message(2)).toBeUndefined();
    fold.add([message(2)]);
    expect(fold.messages).toMatchObject([{ seq: 2, text: "edited", editedAt: 9, reactions: new Map([["👍", [ANA]]]) }]);
  });
});

describe("what was deleted", () => {
  const authored = { user: ANA, sentAt: 1 };
  /** The message and its edits, as clients get them before the deletion; `erased` is what they get after it. */
  const written: AuthoredEntry[] = [
    { ...authored, seq: 1, kind: "message", id: "m", text: "secret" },
    { ...authored, seq: 2, kind: "edit", id: "e", target: 1, text: "secret, edited" },
    { ...authored, seq: 3, kind: "edit", id: "f", target: 1, text: "secret, edited again" },
  ];
  const erased = written.map((entry): AuthoredEntry => ({ ...entry, text: "", erased: true }) as AuthoredEntry);
  const deletion: AuthoredEntry = { ...authored, seq: 4, kind: "delete", id: "d", target: 1 };

  test("isn't restored by anything that arrives before or after the deletion, in any order", () => {
    const all = [...written, ...erased, deletion];
    fc.assert(
      fc.property(fc.shuffledSubarray(all), (arriving) => {
        const fold = new Fold();
        let isKnown = false;
        for (const entry of arriving) {
          fold.add([entry]);
          isKnown ||= entry.erased === true || entry.kind === "delete";
          const message = fold.message(1);
          if (message === undefined || !isKnown) continue;
          expect(message).toMatchObject({ text: "", isDeleted: true });
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("a kind that this version does not know", () => {
  test("changes nothing, whatever fields it has", () => {
    const fold = new Fold();
    fold.add([message(1)]);
    const before = fold.messages;
    fold.add([
      { seq: 2, kind: "pin", id: "p", user: BOB, sentAt: 2, target: 1, on: true } as never,
      { seq: 3, kind: "poll", id: "q", user: BOB, sentAt: 3, target: 1, text: "which?" } as never,
      { seq: 4, kind: "seal" } as never,
    ]);
    expect(fold.messages).toEqual(before);
  });
});

describe("read markers", () => {
  test("tell who has read a message, and only move forward", () => {
    const fold = new Fold();
    for (const [user, seq] of [
      [ANA, 3],
      [BOB, 5],
      [BOB, 2],
    ] as const)
      fold.markRead({ user, seq });
    expect([2, 3, 4, 5, 6].map((seq) => fold.readersOf(seq).map(({ id }) => id))).toEqual([
      ["ana", "bob"],
      ["ana", "bob"],
      ["bob"],
      ["bob"],
      [],
    ]);
  });
});

describe("clear()", () => {
  test("removes everything from a log that no longer exists", () => {
    const fold = new Fold();
    fold.add([message(1), { seq: 2, kind: "delete", id: "d", user: ANA, sentAt: 2, target: 1 }]);
    fold.markRead({ user: BOB, seq: 500 });
    fold.clear();
    expect(fold.messages).toEqual([]);
    fold.add([message(1)]);
    expect(fold.messages).toMatchObject([{ seq: 1, isDeleted: false }]);
    // A position in the old log means nothing in the new one.
    expect(fold.readersOf(1)).toEqual([]);
  });
});

describe("dropBefore()", () => {
  test("removes earlier messages but keeps changes to them, in case a page brings them back", () => {
    const said = (seq: number, text: string): AuthoredEntry => {
      return { kind: "message", seq, id: `${seq}`, user: USERS[0] as User, sentAt: seq, text };
    };
    const edit: AuthoredEntry = {
      kind: "edit",
      seq: 3,
      id: "3",
      user: USERS[0] as User,
      sentAt: 3,
      target: 1,
      text: "corrected",
    };
    const fold = new Fold();
    fold.add([said(1, "first"), said(2, "second"), edit, said(4, "fourth")]);

    fold.dropBefore(4);
    expect(fold.messages.map(({ seq }) => seq)).toEqual([4]);
    fold.add([said(1, "first")]);
    expect(fold.messages.map(({ text }) => text)).toEqual(["corrected", "fourth"]);
  });
});
