/** Formats the output of a preview as a comment on a pull request. All of it is shown as plain text. */

/**
 * GitHub's maximum, minus the marker line that lets a later run find the comment. GitHub counts characters; this counts
 * bytes, and a text never has fewer bytes than characters.
 */
export const LONGEST_COMMENT = 65_536 - 128;

/** Longer runs of backticks are cut to this length, because a fence must be longer than any in its content. */
const MOST_BACKTICKS = 40;

export interface Plan {
  stack: string;
  /** Title of the comment. @default "Preview of the stack" */
  title?: string | undefined;
  /** Whether the preview succeeded. */
  succeeded: boolean;
  /** URL of the full output. */
  run: string;
  /** Full output of the preview. */
  output: string;
}

/**
 * Text of the comment: a heading, and the output in a fence, where GitHub interprets no HTML, mentions or Markdown. If
 * the output is too long, lines in the middle are left out, because the summary comes last.
 */
export function planComment({ stack, title = "Preview of the stack", succeeded, run, output }: Plan): string {
  const text = plain(output);
  const heading = `### ${title} \`${stack}\`${succeeded ? "" : ": failed"}`;
  const footer = `[The whole run](${run})`;
  const around = `${heading}\n\n\n\n\n\n${footer}\n`;
  const room = LONGEST_COMMENT - Buffer.byteLength(around) - 2 * (MOST_BACKTICKS + 1) - "text".length;
  const shown = cut(text, room);
  const fence = "`".repeat(Math.max(3, longestRun(shown) + 1));
  return `${heading}\n\n${fence}text\n${shown}\n${fence}\n\n${footer}\n`;
}

/** Removes characters that control a terminal or disguise text. */
function plain(output: string): string {
  return (
    output
      .toWellFormed()
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to remove
      .replace(/\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b\n]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g, "")
      .replace(/\r\n?|[\u0085\u2028\u2029]/g, "\n")
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to remove
      .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g, "")
      .replace(new RegExp(`\`{${MOST_BACKTICKS + 1},}`, "g"), "`".repeat(MOST_BACKTICKS))
      .replace(/^\n+|\s+$/g, "")
  );
}

/** Shortens a text to at most this many bytes, in whole lines: a third from the beginning, the rest from the end. */
function cut(text: string, room: number): string {
  if (Buffer.byteLength(text) <= room) return text;
  const lines = text.split("\n");
  const note = (left: number) =>
    `… ${left === 1 ? "1 line is" : `${left} lines are`} left out here: the comment would be too long for GitHub …`;
  const left = room - Buffer.byteLength(note(lines.length)) - 2;
  const head = taken(lines, left / 3);
  const tail = taken(lines.slice(head.length).reverse(), left - bytesOf(head)).reverse();
  return [...head, note(lines.length - head.length - tail.length), ...tail].join("\n");
}

/** The first lines, as many as fit. */
function taken(lines: string[], room: number): string[] {
  const some: string[] = [];
  let used = 0;
  for (const line of lines) {
    used += Buffer.byteLength(line) + 1;
    if (used > room) break;
    some.push(line);
  }
  return some;
}

function bytesOf(lines: string[]): number {
  return Buffer.byteLength(lines.join("\n")) + 1;
}

function longestRun(text: string): number {
  return Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
}
