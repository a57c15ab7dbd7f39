import { readFileSync } from "node:fs";
import { hashOf } from "../cache/textCache.cjs";

/** @returns "" for a missing file */
export function hashOfFile(path: string): string {
  try {
    return hashOf(readFileSync(path));
  } catch {
    return "";
  }
}
