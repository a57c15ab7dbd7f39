/** Frames that haven't been validated yet. */

/** Parses a frame. @returns undefined, which no schema accepts, if it isn't JSON */
export function parse(body: string | undefined): unknown {
  try {
    return JSON.parse(body ?? "");
  } catch {
    return undefined;
  }
}

/** The parts of a request that identify it, if they are valid. */
export function echoOf(frame: unknown): { id?: string; action?: string } {
  if (typeof frame !== "object" || frame === null) return {};
  const { id, action } = frame as { id?: unknown; action?: unknown };
  if (typeof id === "string" && id.length >= 1 && id.length <= 64) return { id };
  return typeof action === "string" ? { action: action.slice(0, 64) } : {};
}
