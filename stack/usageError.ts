/** A command line, or a file that it names, that can't be used. The message is for the person who typed it. */
export class UsageError extends Error {
  override name = "UsageError";
}
