/** Policy variables, such as `${aws:username}`. */

/** Finds a string's first variable that IAM doesn't know. */
export function unknownVariable(text: string, globalKeys: string[]): string | undefined {
  const variables = [...text.matchAll(/\$\{([^{}]*)\}/g)].map(([whole, name = ""]) => ({
    whole,
    // A variable may have a default, as in `${aws:PrincipalTag/team, 'none'}`.
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
