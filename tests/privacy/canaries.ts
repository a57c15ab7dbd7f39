/** Markers put into every place where personal data goes, to be searched for where they must not appear. */

/** A marker for personal data: its text, and the field that it was sent in. */
export interface Canary {
  text: string;
  what: string;
}

export class Canaries {
  readonly all: Canary[] = [];

  /** Makes a string that appears nowhere else. */
  make(what: string): string {
    return this.add(`canary${crypto.randomUUID().replaceAll("-", "")}`, what);
  }

  /** Treats a string as a marker. */
  add(text: string, what: string): string {
    this.all.push({ text, what });
    return text;
  }

  /** Treats each part of a token as a marker, except the first, which is the same for all tokens. */
  addToken(token: string, what: string): string {
    for (const part of token.split(".").slice(1)) if (part.length > 8) this.add(part, what);
    return token;
  }

  /** @returns the markers found in a text (verbatim, JSON-escaped or URL-encoded), each with the text around it */
  foundIn(text: string): string[] {
    return this.all.flatMap(({ text: canary, what }) => {
      const forms = new Set([canary, JSON.stringify(canary).slice(1, -1), encodeURIComponent(canary)]);
      const at = [...forms].map((form) => text.indexOf(form)).find((index) => index >= 0);
      return at === undefined ? [] : [`${what}: …${text.slice(Math.max(0, at - 120), at + 60)}…`];
    });
  }
}
