/**
 * Thrown if a command line, or a file that it names, can't be used. The message is for the person who typed the
 * command.
 */
export class UsageError extends Error {
  override name = "UsageError";
}
