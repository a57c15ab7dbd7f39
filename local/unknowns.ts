/**
 * Collects what a program uses but the local cloud doesn't know. The messages, one per kind, are reported when the
 * program has ended.
 */
export class Unknowns {
  /** URNs of the resources that are registered but have no effect here. */
  readonly urns = new Set<string>();
  /** Logical names by sentence. */
  readonly #names = new Map<string, string[]>();

  /** @param sentence the message, with one `%s` for the names, worded for a single name */
  add(sentence: string, name: string, urn?: string): void {
    if (urn !== undefined) this.urns.add(urn);
    const names = this.#names.get(sentence) ?? [];
    if (!names.includes(name)) names.push(name);
    this.#names.set(sentence, names);
  }

  messages(): string[] {
    return [...this.#names].map(([sentence, names]) => {
      const named = sentence.replace("%s", names.map((name) => `"${name}"`).join(", "));
      return names.length === 1 ? named : named.replace(/\bis registered and does\b/, "are registered and do");
    });
  }
}
