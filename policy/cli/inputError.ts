/** An input or option that can't be used. The command line prints its message and exits with 2. */
export class InputError extends Error {
  override name = "InputError";
}

/** A file that was read, and that is simply something else. In a folder, it is skipped without a message. */
export class UnrelatedFile extends InputError {
  override name = "UnrelatedFile";
}

const REASONS = new Map<string, string>(
  Object.entries({
    EACCES: "permission is denied",
    EISDIR: "it is a folder",
    ENOENT: "there is no such file or folder",
    ENOSPC: "the disk is full",
    ENOTDIR: "a part of its path isn't a folder",
    EPERM: "permission is denied",
    EROFS: "the file system is read-only",
  }),
);

/** The reason why a file couldn't be read or written, in words. */
export function reasonOf(error: unknown): string {
  const { code = "", message } = error as NodeJS.ErrnoException;
  return REASONS.get(code) ?? message;
}
