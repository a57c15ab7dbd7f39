/** Cognito's limit for the first part of a sign-in page's host name. */
const MAX_DOMAIN_CHARACTERS = 63;
const ACCOUNT_CHARACTERS = 12;

/**
 * Checks the names of the project and the stack, because AWS would refuse functions, queues or the domain of a user
 * pool with invalid names halfway through an update.
 *
 * @returns the reason why AWS would refuse the names; undefined if they are valid
 */
export function problemWithNames(project: string, stack: string, hasUserPool: boolean): string | undefined {
  for (const [what, name] of Object.entries({ project, stack })) {
    const refused = `the ${what} is named "${name}", and AWS would refuse this in the names of its resources`;
    if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name))
      return `${refused}: use only lowercase letters, digits, and single hyphens between them`;
    const reserved = /aws|amazon|cognito/.exec(name)?.[0];
    if (hasUserPool && reserved !== undefined) return `${refused}: a user pool's domain can't contain "${reserved}"`;
  }
  const length = `${project}-${stack}-users-`.length + ACCOUNT_CHARACTERS;
  if (!hasUserPool || length <= MAX_DOMAIN_CHARACTERS) return undefined;
  return (
    `the project "${project}" and the stack "${stack}" give the user pool's domain a name of ${length} characters, ` +
    `and Cognito allows ${MAX_DOMAIN_CHARACTERS}: shorten one of them`
  );
}
