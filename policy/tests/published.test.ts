/** Policies that AWS and its projects publish must have no more findings than a reviewer would report. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { checkDocument } from "../checkDocument.ts";
import { catalog } from "./catalog.ts";
import { ACCOUNT } from "./statements.ts";

interface Published {
  name: string;
  /** Number of findings that a reviewer would defend. */
  max: number;
  why: string;
  document: unknown;
}

const published: Published[] = JSON.parse(readFileSync(new URL("labeled/published.json", import.meta.url), "utf8"));

test.each(published)("$name: at most $max findings", ({ document, max }) => {
  const findings = checkDocument(document, { kind: "identity", account: ACCOUNT }, catalog);
  expect(findings.length).toBeGreaterThan(0);
  expect(findings.length).toBeLessThanOrEqual(max);
});
