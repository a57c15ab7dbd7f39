/** Differences between a run of the program and the previous one. */

/**
 * @param before hash of each resource's inputs, by URN, in the previous run
 * @param after likewise, in this run
 * @returns the added (+), changed (~) and removed (-) resources, such as `~ Table messages`
 */
export function differencesOf(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  const added = [...after.keys()].filter((urn) => !before.has(urn));
  const removed = [...before.keys()].filter((urn) => !after.has(urn));
  const changed = [...after].filter(([urn, hash]) => before.has(urn) && before.get(urn) !== hash).map(([urn]) => urn);
  return [
    ...added.map((urn) => `+ ${shortened(urn)}`),
    ...changed.map((urn) => `~ ${shortened(urn)}`),
    ...removed.map((urn) => `- ${shortened(urn)}`),
  ];
}

/** Shortens `urn:pulumi:dev::chat::chat:index:Table$aws:dynamodb/table:Table::messages` to `Table messages`. */
function shortened(urn: string): string {
  const [, , types = "", ...name] = urn.split("::");
  return `${types.split(":").at(-1)} ${name.join("::")}`;
}
