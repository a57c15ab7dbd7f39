/** What a program uses that isn't known here. It is named once the program has ended, all of a kind in one sentence. */
export class Unknowns {
  /** URNs of the resources that nothing stands behind. */
  readonly urns = new Set<string>();
  /** Logical names by sentence. */
  readonly #names = new Map<string, string[]>();

  /** @param sentence what to say about it, with one `%s` for names, and `is`, `does` and `it` for one of them */
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
