/** Characters that steer a terminal, or reorder what stands beside them: controls, and overrides of the direction. */
const STEERING = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;

/** Characters that are written from right to left, and marks of that direction. */
const RIGHT_TO_LEFT = /[\u0590-\u08ff\u200f\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

const FIRST_STRONG_ISOLATE = "\u2068";
const POP_ISOLATE = "\u2069";

/** Where a line of a text ends. */
const LINE_BREAK = /\r\n|[\n\r\u2028\u2029]/;

/** Every further line of a text begins with this, so that it can't pass for a line of the chat. */
const CONTINUATION = "\n  ┆ ";

/** Text from elsewhere, on one line, which doesn't steer this terminal. Emoji and joiners stay as they are. */
export function printable(text: string): string {
  const harmless = text.replaceAll(STEERING, (character) => (/\s/.test(character) ? " " : "�"));
  // An isolate gives the text its own direction and leaves the text around it in place.
  return RIGHT_TO_LEFT.test(harmless) ? FIRST_STRONG_ISOLATE + harmless + POP_ISOLATE : harmless;
}

/** The same with the text's own line breaks. */
export function printableLines(text: string): string {
  return text.split(LINE_BREAK).map(printable).join(CONTINUATION);
}
