/** Marks that are put where people put what is theirs, to be looked for where it must not be. */

/** What may be a person's: its text, and what it was given as. */
export interface Canary {
  text: string;
  what: string;
}

export class Canaries {
  readonly all: Canary[] = [];

  /** A text that stands nowhere else. */
  make(what: string): string {
    return this.add(`canary${crypto.randomUUID().replaceAll("-", "")}`, what);
  }

  /** Takes a text for one. */
  add(text: string, what: string): string {
    this.all.push({ text, what });
    return text;
  }

  /** Any part of a token is one, but the first, which is the same for all and says nothing. */
  addToken(token: string, what: string): string {
    for (const part of token.split(".").slice(1)) if (part.length > 8) this.add(part, what);
    return token;
  }

  /** @returns what is found in a text, and where: as it is, as JSON writes it, or as a URL does */
  foundIn(text: string): string[] {
    return this.all.flatMap(({ text: canary, what }) => {
      const forms = new Set([canary, JSON.stringify(canary).slice(1, -1), encodeURIComponent(canary)]);
      const at = [...forms].map((form) => text.indexOf(form)).find((index) => index >= 0);
      return at === undefined ? [] : [`${what}: …${text.slice(Math.max(0, at - 120), at + 60)}…`];
    });
  }
}
