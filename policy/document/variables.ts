/** Policy variables, such as `${aws:username}`. */

/** The first variable in a text that IAM doesn't know, by a misspelled name. */
export function unknownVariable(text: string, globalKeys: string[]): string | undefined {
  const variables = [...text.matchAll(/\$\{([^{}]*)\}/g)].map(([whole, name = ""]) => ({
    whole,
    // `${aws:PrincipalTag/team, 'none'}` has a default.
    key: (name.split(",")[0] ?? "").trim().toLowerCase(),
  }));
  return variables.find(({ key }) => isMisspelled(key, globalKeys))?.whole;
}

function isMisspelled(key: string, globalKeys: string[]): boolean {
  if (/^(aws[./_-]|user-?(name|id)$)/.test(key)) return true;
  if (!key.startsWith("aws:")) return false;
  return !globalKeys.some((known) => {
    const lower = known.toLowerCase();
    return lower.endsWith("/tag-key") ? key.startsWith(lower.slice(0, -"tag-key".length)) : lower === key;
  });
}
