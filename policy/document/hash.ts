/** Short hashes that exceptions and baselines use to identify statements. */
import { createHash } from "node:crypto";
import type { Statement } from "@serverless-chat/iam";

/** The first 12 hexadecimal digits of a string's SHA-256. */
export function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}

/** The hash of a statement's content, without its Sid and its position in the document. */
export function hashOfStatement({ sid: _, index: __, ...content }: Statement): string {
  return hashOf(JSON.stringify(content));
}
