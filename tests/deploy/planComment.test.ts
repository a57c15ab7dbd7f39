import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LONGEST_COMMENT, planComment } from "../../deploy/planComment.ts";

const RUN = "https://github.com/octo-org/chat/actions/runs/1";
const comment = (output: string) => planComment({ stack: "dev", succeeded: true, run: RUN, output });

/** Parses the comment as CommonMark does: the content of the fence, and the text around it. */
function read(text: string): { inside: string[]; before: string; after: string } {
  const lines = text.split("\n");
  const opening = lines.findIndex((line) => /^`{3,}/.test(line));
  const fence = /^`+/.exec(lines[opening] ?? "")?.[0].length ?? 0;
  const closing = lines.findIndex((line, i) => {
    const marks = /^ {0,3}(`+)[ \t]*$/.exec(line)?.[1];
    return i > opening && marks !== undefined && marks.length >= fence;
  });
  return {
    inside: lines.slice(opening + 1, closing),
    before: lines.slice(0, opening).join("\n"),
    after: lines.slice(closing + 1).join("\n"),
  };
}

/** Text designed to break out of the fence. */
const nasty = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...[
          "`",
          "```",
          "````\n",
          "\n```\n",
          "~~~\n",
          "@octocat",
          "#1",
          "<img src=x onerror=alert(1)>",
          "<!--",
          "</details>",
        ],
        ...[
          "[x](javascript:x)",
          "\u001b[31m",
          "\u001b]8;;http://x\u0007",
          "\u001b",
          "\u009b1m",
          "\r",
          "\r\n",
          "\u2028",
          "\u202e",
        ],
        ...["\u0000", "\ud800", "🦊", "\t", "    ", "\n", `${"`".repeat(100)}`],
      ),
      fc.string({ unit: "binary", maxLength: 20 }),
    ),
    { maxLength: 60 },
  )
  .map((pieces) => pieces.join(""));
const long = fc.tuple(nasty, fc.integer({ min: 1, max: 3_000 })).map(([text, times]) => `${text}\n`.repeat(times));

describe("the comment of a plan", () => {
  test("is a heading, the output as text, and a link to the full output", () => {
    expect(comment("\n + aws:dynamodb:Table messages create\n\nResources:\n    + 1 to create\n\n")).toBe(
      `### Preview of the stack \`dev\`

\`\`\`text
 + aws:dynamodb:Table messages create

Resources:
    + 1 to create
\`\`\`

[The whole run](${RUN})
`,
    );
    expect(planComment({ stack: "dev", succeeded: false, run: RUN, output: "" })).toContain("`dev`: failed");
  });

  test("keeps any output inside the fence", () => {
    const { before, after } = read(comment(""));
    fc.assert(
      fc.property(nasty, (output) => {
        const parts = read(comment(output));
        expect([parts.before, parts.after]).toEqual([before, after]);
      }),
      { numRuns: 2_000 },
    );
  });

  test("is never longer than GitHub accepts, and never splits a character", () => {
    fc.assert(
      fc.property(long, (output) => {
        const text = comment(output);
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(LONGEST_COMMENT);
        expect(text.isWellFormed()).toBe(true);
        expect(read(text).after).toBe(read(comment("")).after);
      }),
      { numRuns: 200 },
    );
  });

  test("contains nothing that controls a terminal or reverses text", () => {
    fc.assert(
      fc.property(nasty, (output) => {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: these characters must not occur
        expect(comment(output)).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
      }),
      { numRuns: 2_000 },
    );
  });

  test("contains every line of an output that is short and plain", () => {
    const line = fc.string({ unit: fc.constantFrom(..."abc @<>&#*_[]()|~.:+-{}"), minLength: 1, maxLength: 80 });
    fc.assert(
      fc.property(
        fc.array(
          line.filter((text) => text.trim() !== ""),
          { minLength: 1, maxLength: 40 },
        ),
        (lines) => {
          expect(read(comment(lines.join("\r\n"))).inside).toEqual(lines.join("\n").trimEnd().split("\n"));
        },
      ),
    );
  });

  test("leaves out the middle of an output that is too long, and says how much", () => {
    const lines = Array.from({ length: 5_000 }, (_, i) => `line ${i} of the plan`);
    const { inside } = read(comment(lines.join("\n")));
    const note = inside.findIndex((line) => line.startsWith("…"));
    expect(inside[note]).toMatch(/^… (\d+) lines are left out here: /);
    expect(inside.slice(0, note)).toEqual(lines.slice(0, note));
    const tail = inside.slice(note + 1);
    expect(tail).toEqual(lines.slice(-tail.length));
    expect(inside.length - 1 + Number(inside[note]?.match(/\d+/)?.[0])).toBe(lines.length);
    expect(Buffer.byteLength(comment(lines.join("\n")))).toBeGreaterThan(LONGEST_COMMENT * 0.95);
  });

  test("loses nothing to an escape sequence that never ends", () => {
    expect(read(comment("\u001b]8;;\n + 1 role\n - 2 tables")).inside.join("\n")).toContain(" + 1 role\n - 2 tables");
  });

  test("handles a single line that is longer than the limit", () => {
    expect(read(comment("x".repeat(1_000_000))).inside).toEqual([expect.stringMatching(/^… 1 line is left out/)]);
  });
});
