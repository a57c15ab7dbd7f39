/** The time to refuse a frame must be proportional to its length, whatever the frame contains. */
import * as v from "valibot";
import { expect, test } from "vitest";
import { echoOf, parse } from "../../handlers/frame.ts";
import * as requests from "../../protocol/requests.ts";

/** The gateway's limit for one message. */
const MAX_BYTES = 128 * 1024;

/** Maximum multiple of the time that `JSON.parse` takes for the same frame. */
const MAX_RATIO = 10;

/** Maximum growth of that ratio for a frame four times as long. 1 means linear growth, 4 quadratic growth. */
const MAX_GROWTH = 2.5;

/** Functions that create values of about this many bytes, by the kind of value. */
const HOSTILE: Record<string, (bytes: number) => unknown> = {
  "combining marks of two classes": (bytes) => "\u0301".repeat(bytes / 4) + "\u0316".repeat(bytes / 4),
  "combining marks of one class": (bytes) => `e${"\u0301".repeat(bytes / 2)}`,
  "marks in the longest allowed runs": (bytes) => `a${"\u0301".repeat(15)}${"\u0316".repeat(15)}`.repeat(bytes / 61),
  "lone surrogates": (bytes) => "\ud800".repeat(bytes / 6),
  "characters of two units": (bytes) => "𝒳".repeat(bytes / 4),
  "emoji that are joined": (bytes) => "👩\u200d".repeat(bytes / 7),
  "regional indicators": (bytes) => "🇩".repeat(bytes / 4),
  "text emoji with variation selectors": (bytes) => "❤\ufe0f\ufe0e".repeat(bytes / 9),
  "decomposed syllables": (bytes) => "\u1112\u1161\u11ab".repeat(bytes / 9),
  "control characters": (bytes) => "\u0000".repeat(bytes / 6),
  spaces: (bytes) => " ".repeat(bytes),
  letters: (bytes) => "x".repeat(bytes),
  "a long number": (bytes) => ({ toJSON: () => Number.MAX_SAFE_INTEGER, digits: "9".repeat(bytes) }),
  "many rooms": (bytes) => Array.from({ length: bytes / 20 }, (_, i) => ({ room: `room ${i}` })),
  "many names": (bytes) => Array.from({ length: bytes / 12 }, (_, i) => `room ${i}`),
  "many keys": (bytes) => Object.fromEntries(Array.from({ length: bytes / 12 }, (_, i) => [`key${i}`, 0])),
  "one long key": (bytes) => ({ ["k".repeat(bytes)]: 0 }),
};

type Schema = v.GenericSchema & { entries: Record<string, { literal?: string }> };

const schemas = Object.entries(requests).filter(
  ([, value]) => typeof value === "object" && "entries" in value,
) as unknown as [string, Schema][];

const cases = schemas.flatMap(([name, schema]) => {
  const { action, ...fields } = schema.entries;
  return [...Object.keys(fields), "unknownField"].flatMap((field) =>
    Object.keys(HOSTILE).map((what) => ({ name, schema, action: action?.literal, field, what })),
  );
});

/** A frame, as text, whose field contains a value of this kind and size. */
function frameWith(action: string | undefined, field: string, what: string, bytes: number): string {
  const value = HOSTILE[what]?.(bytes);
  const frame = JSON.stringify({ action, [field]: value });
  const digits = (value as { digits?: string }).digits;
  return digits === undefined ? frame : frame.replace(String(Number.MAX_SAFE_INTEGER), digits);
}

function refuse(schema: v.GenericSchema, body: string): void {
  const frame = parse(body);
  v.safeParse(schema, frame, { abortEarly: true });
  echoOf(frame);
}

/** The time of the shortest of several runs, in milliseconds: other processes can only make a run longer. */
function timeOf(run: () => void): number {
  let shortest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 3; i++) {
    const started = process.hrtime.bigint();
    run();
    shortest = Math.min(shortest, Number(process.hrtime.bigint() - started) / 1e6);
  }
  return shortest;
}

/** The cost of refusing as a multiple of the cost of parsing. */
function ratioOf({ schema, action, field, what }: (typeof cases)[number], bytes: number): number {
  const body = frameWith(action, field, what, bytes);
  return timeOf(() => refuse(schema, body)) / timeOf(() => JSON.parse(body));
}

/**
 * @returns the measured cost; undefined if refusing is cheap in at least one round, since a busy machine may disturb
 * others
 */
function slowness(one: (typeof cases)[number]): string | undefined {
  let found: string | undefined;
  for (let round = 0; round < 5; round++) {
    const [small, large] = [ratioOf(one, MAX_BYTES / 4), ratioOf(one, MAX_BYTES)];
    if (large <= MAX_RATIO && large <= MAX_GROWTH * small) return undefined;
    found = `${one.field}, ${one.what}: ${small.toFixed(1)} times parsing, at full length ${large.toFixed(1)} times`;
  }
  return found;
}

test.each(schemas.map(([name]) => name))(
  "refusing %s costs at most ten times what parsing it costs, at any length",
  (name) => {
    const slow = cases.filter((one) => one.name === name).map(slowness);
    expect(slow.filter((one) => one !== undefined)).toEqual([]);
  },
);
