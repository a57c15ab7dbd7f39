/** The error for a value that its schema refuses. */
import * as v from "valibot";
import type { ErrorFrame } from "../protocol/errors";

/** Maximum length of a path in an answer. Longer ones are cut, because they belong to fields that don't exist. */
const MAX_PATH = 128;

/** Message for a value of the wrong type; valibot's own message would quote the value. */
export function expectation({ expected }: v.BaseIssue<unknown>): string {
  return `${expected ?? "something else"} is expected`;
}

export function problemOf(issue: v.BaseIssue<unknown>): Pick<ErrorFrame, "code" | "message" | "path"> {
  const path = v.getDotPath(issue)?.slice(0, MAX_PATH) ?? null;
  // The message of every limit in bytes contains "bytes", whichever check reports it.
  const code = issue.message.includes(" bytes") ? "TOO_LARGE" : "BAD_REQUEST";
  return path === null ? { code, message: issue.message } : { code, message: `${path}: ${issue.message}`, path };
}
