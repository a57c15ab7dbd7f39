/** A part of a text: words, or a URL with its `href`. */
export type Part = { text: string; href?: string };

const URLS = /https?:\/\/[^\s<>"']+/giu;

/** Punctuation that ends a sentence, not a URL. */
const TRAILING = /[.,;:!?'"»”’]+$/u;

/** Splits a text into words and the http and https URLs in it. Joined, the parts equal the text. */
export function partsOf(text: string): Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const { 0: match, index } of text.matchAll(URLS)) {
    const shown = trimmed(match);
    const url = URL.parse(shown);
    if (url === null || url.hostname === "") continue;
    if (index > end) parts.push({ text: text.slice(end, index) });
    parts.push({ text: shown, href: url.href });
    end = index + shown.length;
  }
  if (end < text.length) parts.push({ text: text.slice(end) });
  return parts;
}

/** The URL without punctuation of the surrounding sentence, such as a closing parenthesis that the URL didn't open. */
function trimmed(match: string): string {
  let shown = match.replace(TRAILING, "");
  while (shown.endsWith(")") && count(shown, ")") > count(shown, "(")) shown = shown.slice(0, -1).replace(TRAILING, "");
  return shown;
}

function count(text: string, letter: string): number {
  return text.split(letter).length - 1;
}
