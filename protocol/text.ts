/** What text may be: counted as the store counts it (bytes) or as people do (graphemes), in one encoding. */

/** UTF-8 bytes of a message's text at most, so that one entry always fits into a frame. */
export const MAX_TEXT_BYTES = 8_192;

/** Characters of a room's name at most, as people count them. */
export const MAX_ROOM_GRAPHEMES = 64;

/** UTF-8 bytes of a room's name at most, in composed form. */
export const MAX_ROOM_BYTES = 256;

/**
 * UTF-16 units of a room's name at most, as a client sends it. Composing can shorten a name to a third; no name that
 * is longer than this composes to 256 bytes.
 */
export const MAX_RAW_ROOM_UNITS = 3 * MAX_ROOM_BYTES;

/** UTF-16 units of an emoji at most; the longest in Unicode (a family with skin tones) has 35. */
export const MAX_EMOJI_UNITS = 64;

/** Combining marks in a row at most, as in Unicode's Stream-Safe Text Format (UAX #15). */
const MAX_MARKS = 30;
const TOO_MANY_MARKS = new RegExp(`\\p{M}{${MAX_MARKS + 1}}`, "u");

const utf8 = new TextEncoder();
const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/** Length in UTF-8. */
export function bytesOf(text: string): number {
  return utf8.encode(text).length;
}

/**
 * Tells whether composing a text takes time in proportion to its length. Composing sorts each run of combining marks,
 * which is quadratic in the length of the run.
 */
export function isStreamSafe(text: string): boolean {
  return !TOO_MANY_MARKS.test(text);
}

/**
 * Tells whether a name shows at all: not one of spaces, zero-width characters, direction marks and fillers only, by
 * which somebody could pass for nobody, or one room for another.
 */
export function isVisible(name: string): boolean {
  return VISIBLE.test(name);
}

/** U+2800 is the Braille pattern without dots. */
const VISIBLE = /[^\p{Z}\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]/u;

/** Tells whether a text has at most so many graphemes, without counting further. */
export function hasAtMost(text: string, most: number): boolean {
  let count = 0;
  for (const _ of graphemes.segment(text)) if (++count > most) return false;
  return true;
}

/** The first graphemes of a text: a cut between them splits no character. */
export function firstGraphemes(text: string, most: number): string {
  let cut = "";
  let count = 0;
  for (const { segment } of graphemes.segment(text)) {
    if (++count > most) break;
    cut += segment;
  }
  return cut;
}

/**
 * The one encoding of an emoji: with or without variation selectors, `❤` and `❤️` are the same reaction.
 *
 * @returns its fully-qualified form (UTS #51), or undefined for what is not exactly one emoji
 */
export function canonicalEmoji(text: string): string | undefined {
  if (text.length > MAX_EMOJI_UNITS) return undefined;
  const bare = text.normalize("NFC").replaceAll(/[\ufe0e\ufe0f]/g, "");
  // An emoji whose usual form is text gets the selector for color, unless a skin tone already says that it is one.
  const qualified = bare.replaceAll(/(?!\p{Emoji_Presentation})\p{Emoji}(?!\p{Emoji_Modifier})/gu, "$&\ufe0f");
  return [bare, qualified].find((form) => ONE_EMOJI.test(form));
}

const ONE_EMOJI = /^\p{RGI_Emoji}$/v;
