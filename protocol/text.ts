/** Limits of texts, in bytes as the store counts, or in graphemes as people count; and an emoji's canonical form. */

/** Maximum number of UTF-8 bytes in a message's text, so that one entry always fits into a frame. */
export const MAX_TEXT_BYTES = 8_192;

/** Maximum number of characters in a room's name, as people count them. */
export const MAX_ROOM_GRAPHEMES = 64;

/** Maximum number of UTF-8 bytes in a room's name, in composed form (NFC). */
export const MAX_ROOM_BYTES = 256;

/**
 * Maximum number of UTF-16 units in a room's name as sent by a client. Composing can shorten a name to a third, but not
 * further, so no name beyond this limit composes to 256 bytes or fewer.
 */
export const MAX_RAW_ROOM_UNITS = 3 * MAX_ROOM_BYTES;

/** Maximum number of UTF-16 units in an emoji; the longest in Unicode (a family with skin tones) has 35. */
export const MAX_EMOJI_UNITS = 64;

/** Maximum number of consecutive combining marks, as in Unicode's Stream-Safe Text Format (UAX #15). */
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
 * Tells whether a name is visible: it must not consist only of spaces, zero-width characters, direction marks and
 * fillers, which would make people or rooms indistinguishable.
 */
export function isVisible(name: string): boolean {
  return VISIBLE.test(name);
}

/** A visible character. U+2800, the Braille pattern without dots, is blank. */
const VISIBLE = /[^\p{Z}\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]/u;

/** Tells whether a text has at most this many graphemes, without counting further. */
export function hasAtMost(text: string, most: number): boolean {
  let count = 0;
  for (const _ of graphemes.segment(text)) if (++count > most) return false;
  return true;
}

/** The first graphemes of a text, without splitting a character. */
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
 * The one encoding of an emoji, with or without variation selectors in the text: `❤` and `❤️` are the same reaction.
 *
 * @returns its fully-qualified form (UTS #51), or undefined if the text isn't exactly one emoji
 */
export function canonicalEmoji(text: string): string | undefined {
  if (text.length > MAX_EMOJI_UNITS) return undefined;
  const bare = text.normalize("NFC").replaceAll(/[\ufe0e\ufe0f]/g, "");
  // An emoji that is text by default gets the color selector, unless a skin tone already makes it an emoji.
  const qualified = bare.replaceAll(/(?!\p{Emoji_Presentation})\p{Emoji}(?!\p{Emoji_Modifier})/gu, "$&\ufe0f");
  return [bare, qualified].find((form) => ONE_EMOJI.test(form));
}

const ONE_EMOJI = /^\p{RGI_Emoji}$/v;
