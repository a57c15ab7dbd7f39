/**
 * The wire format of values between a program and the engine: plain JSON, in which marked objects represent types that
 * JSON lacks. https://github.com/pulumi/pulumi/blob/master/docs/architecture/deployment-execution/property-values.md
 */

const MARK = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const RESOURCE_REFERENCE = "5cf8f73096256a8f31e491e813e4eb8e";

/** Shown in place of a secret's value. */
export const HIDDEN = "[secret]";

/** Removes marks from a value: a secret becomes its content, a resource reference its id. Assets stay as they are. */
export function plain(value: unknown): unknown {
  return unmark(value, (secret) => plain(secret));
}

/** Whether a value contains a secret, at any depth. */
export function hasSecret(value: unknown): boolean {
  let found = false;
  unmark(value, () => {
    found = true;
  });
  return found;
}

/** Prepares a value for display, with secrets hidden. */
export function shown(value: unknown): unknown {
  return unmark(value, () => HIDDEN);
}

function unmark(value: unknown, secret: (content: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => unmark(item, secret));
  if (typeof value !== "object" || value === null) return value;
  const record = value as Record<string, unknown>;
  if (record[MARK] === SECRET) return secret(record.value);
  if (record[MARK] === RESOURCE_REFERENCE) return record.id ?? record.urn;
  return Object.fromEntries(Object.entries(record).map(([key, member]) => [key, unmark(member, secret)]));
}
