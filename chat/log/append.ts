/**
 * Writes to a room's log, using the algorithm in docs/protocol.md ("The log"). Comments here refer to its steps. Each
 * condition prevents an interleaving that would break the log; tests/checker plants faults that omit them.
 */
import { createHash } from "node:crypto";
import { GetCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { AuthoredEntry, Entry, EntryContent, User } from "../../protocol/entries";
import { Refusal } from "../refusal";
import type { Resource } from "../resource";
import { dynamodb } from "../tables/client";
import { putIfAbsent, type Row, setIf } from "../tables/conditionalWrite";
import { noMessage } from "./authorship";
import { noteEdit } from "./erasure";
import { FOR_EVER, type Retention } from "./retention";
import { dedupeKey, entryKey, entryOf, headKey, rowOf, voidPosition } from "./rows";

/** How long a retry can find its first attempt; clients stop retrying long before that. */
const DEDUPE_SECONDS = 48 * 3600;

/** Maximum number of positions that an append may lose to readers that void them. */
const ROUNDS = 5;

type LogTable = Resource<"GetItem" | "UpdateItem" | "PutItem">;

export interface Request {
  room: string;
  user: User;
  /** The client's request id: the log contains at most one entry for each (user, room, id). */
  id: string;
  content: EntryContent;
  /**
   * Whether the client has sent this request before; if so, its earlier attempt is looked up before anything is
   * written.
   */
  retry: boolean;
}

export interface Appended {
  entry: AuthoredEntry;
  /** Whether an earlier or concurrent attempt with this id had already written the entry. */
  duplicate: boolean;
  /** Whether this attempt wrote the entry, and so has to push it. */
  isNew: boolean;
  /** Set for a new entry that was written at the position that this append claimed last. */
  turn?: Turn;
}

/** A claimed position, and the room's row as it was before the claim. That row decides who pushes the entry. */
export interface Turn {
  seq: number;
  /** Empty for the room's first position. */
  before: Row;
}

/**
 * Appends to a room's log; when it returns, the entry is durable.
 *
 * @throws Refusal ID_CONFLICT if the id was used for different content; NOT_FOUND for an edit of a deleted message, and
 *   for a reply to a position that doesn't exist
 */
export async function append(table: LogTable, request: Request, retention = FOR_EVER): Promise<Appended> {
  const { room, user, id, content, retry } = request;
  const sentAt = Date.now();
  const claim = new Claim(table, request, retention);
  let turn: Turn | undefined;
  let position = retry ? await claim.known() : undefined;
  if (position === undefined) {
    turn = await firstTurn(table, request, retention);
    position = await claim.make(turn.seq);
  }
  for (let round = 0; round < ROUNDS; round++) {
    if (content.kind === "edit" && !(await noteEdit(table, room, content.target, position))) {
      // An earlier attempt may have written the edit before the message was deleted; the conditional put decides.
      const found = entryOf(await voidPosition(table, room, position, retention));
      if (isBy(found, request)) return { entry: found, duplicate: true, isNew: false };
      throw noMessage(content.target);
    }
    // Step 3.
    const entry = { seq: position, id, user, sentAt, ...content } as AuthoredEntry;
    const row = await putIfAbsent(table, rowOf(room, entry, retention));
    const own = turn?.seq === position ? { turn } : {};
    if (row === undefined) return { entry, duplicate: false, isNew: true, ...own };
    const found = entryOf(row);
    if (isBy(found, request)) {
      // The entry has our time, so our own put wrote it and only the answer was lost: nobody else will push it.
      return found.sentAt === sentAt
        ? { entry: found, duplicate: true, isNew: true, ...own }
        : { entry: found, duplicate: true, isNew: false };
    }
    // Step 4: a reader voided the position, or a restored table had another entry there.
    turn = await nextTurn(table, room);
    position = await claim.move(position, turn.seq);
  }
  throw new Error(`an append lost ${ROUNDS} positions to readers`);
}

/**
 * Finds the stored entry of an earlier attempt. A retry gets this entry as its answer, even if the entry's target has
 * been deleted since.
 *
 * @throws Refusal ID_CONFLICT if the id was used for different content
 */
export async function earlierAttempt(
  table: LogTable,
  request: Request,
  retention = FOR_EVER,
): Promise<AuthoredEntry | undefined> {
  const position = await new Claim(table, request, retention).known();
  if (position === undefined) return undefined;
  const Key = entryKey(request.room, position);
  const { Item } = await dynamodb.send(new GetCommand({ TableName: table, Key, ConsistentRead: true }));
  const found = Item && entryOf(Item);
  return found !== undefined && isBy(found, request) ? found : undefined;
}

function isBy(entry: Entry, { id, user }: Request): entry is AuthoredEntry {
  return entry.kind !== "void" && entry.id === id && entry.user.id === user.id;
}

/**
 * Claims a position (step 1). Refuses a message that replies to a position that doesn't exist yet. The message's own
 * position shows where the room ends, so this check costs nothing.
 */
async function firstTurn(table: LogTable, { room, content }: Request, retention: Retention): Promise<Turn> {
  const turn = await nextTurn(table, room);
  if (content.kind === "message" && content.replyTo !== undefined && content.replyTo >= turn.seq) {
    await voidPosition(table, room, turn.seq, retention);
    throw noMessage(content.replyTo);
  }
  return turn;
}

/** Step 1: claims a position. This doesn't write to the log: an unused position is a hole, which readers fill. */
async function nextTurn(table: Resource<"UpdateItem">, room: string): Promise<Turn> {
  const { Attributes: before = {} } = await dynamodb.send(
    new UpdateCommand({
      TableName: table,
      Key: headKey(room),
      UpdateExpression: "SET headAt = :now, madeAt = if_not_exists(madeAt, :now) ADD head :one",
      ExpressionAttributeValues: { ":now": Date.now(), ":one": 1 },
      ReturnValues: "ALL_OLD",
    }),
  );
  return { seq: ((before.head as number | undefined) ?? 0) + 1, before };
}

/** The DEDUPE row: the position that a request has claimed. It changes only if that position is void. */
class Claim {
  readonly #table: LogTable;
  readonly #room: string;
  readonly #key: ReturnType<typeof dedupeKey>;
  readonly #hash: string;
  readonly #retention: Retention;

  constructor(table: LogTable, { room, user, id, content }: Request, retention: Retention) {
    this.#table = table;
    this.#retention = retention;
    this.#room = room;
    this.#key = dedupeKey(room, user.id, id);
    this.#hash = hashOf(content);
  }

  /** Position of an earlier attempt. */
  async known(): Promise<number | undefined> {
    const { Item } = await dynamodb.send(
      new GetCommand({ TableName: this.#table, Key: this.#key, ConsistentRead: true }),
    );
    if (Item !== undefined && Item.hash !== this.#hash) throw idConflict();
    return Item?.seq as number | undefined;
  }

  /** Step 2: records the claimed position. @returns the request's position: this one, or that of an earlier attempt */
  async make(position: number): Promise<number> {
    const expiresAt = Math.floor(Date.now() / 1000) + DEDUPE_SECONDS;
    const row = await putIfAbsent(this.#table, { ...this.#key, seq: position, hash: this.#hash, expiresAt });
    // If the row has this position, our own put wrote it and only the answer was lost.
    if (row === undefined || row.seq === position) return position;
    await voidPosition(this.#table, this.#room, position, this.#retention);
    if (row.hash !== this.#hash) throw idConflict();
    return row.seq as number;
  }

  /** Step 4: moves the request from a lost position to a new one. @returns the position that the request has now */
  async move(from: number, to: number): Promise<number> {
    const condition = { expression: "#attribute = :from", values: { ":from": from } };
    const failed = await setIf(this.#table, this.#key, "seq", to, condition);
    if (failed === undefined || failed.row?.seq === to) return to;
    if (failed.row === undefined) return this.make(to);
    // A concurrent retry has moved the request already: the retry's position counts, and an entry at ours would be a
    // duplicate.
    await voidPosition(this.#table, this.#room, to, this.#retention);
    return failed.row.seq as number;
  }
}

function idConflict(): Refusal {
  return new Refusal("ID_CONFLICT", "you have already used this id for another message: use a new one");
}

/** Hash of what the author wrote, without the id and the fields that the server adds. */
function hashOf(content: EntryContent): string {
  const canonical = JSON.stringify(
    Object.entries(content)
      .filter(([, value]) => value !== undefined)
      .sort(),
  );
  return createHash("sha256").update(canonical).digest("base64url").slice(0, 22);
}
