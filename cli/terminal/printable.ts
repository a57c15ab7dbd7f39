/** Characters that control a terminal or reorder the text around them: control characters and direction overrides. */
const STEERING = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;

/** Characters of right-to-left scripts, and marks for that direction. */
const RIGHT_TO_LEFT = /[\u0590-\u08ff\u200f\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

const FIRST_STRONG_ISOLATE = "\u2068";
const POP_ISOLATE = "\u2069";

/** Line breaks in a text. */
const LINE_BREAK = /\r\n|[\n\r\u2028\u2029]/;

/** Prefix of every further line of a text, so that the line can't pass for a line of the chat. */
const CONTINUATION = "\n  ┆ ";

/** Makes untrusted text safe for this terminal, and puts it on one line. Emoji and joiners stay as they are. */
export function printable(text: string): string {
  const harmless = text.replaceAll(STEERING, (character) => (/\s/.test(character) ? " " : "�"));
  // An isolate gives the text its own direction and leaves the text around it in place.
  return RIGHT_TO_LEFT.test(harmless) ? FIRST_STRONG_ISOLATE + harmless + POP_ISOLATE : harmless;
}

/** Makes a text safe like {@link printable}, but keeps its line breaks. */
export function printableLines(text: string): string {
  return text.split(LINE_BREAK).map(printable).join(CONTINUATION);
}
