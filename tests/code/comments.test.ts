/**
 * Comments are English sentences: a headless clause ("Of a room", "Who may …") makes its reader look for the subject.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** The beginning of a docstring, or of a comment that doesn't continue another one. */
const HEADLESS = /(?:\/\*\*\s+(?:\* )?|(?<!^\s*\/\/.*\n)^\s*\/\/ )(?:Of|Who|Whoever|Whom|Whose|That) .*/gm;

const headlessIn = (text: string) => [...text.matchAll(HEADLESS)].map(([found]) => found.trim());

test("no comment begins with a headless clause", () => {
  const listed = execFileSync("git", ["ls-files", "--cached", "*.ts", "*.tsx", "*.cts"], {
    cwd: ROOT,
    encoding: "utf8",
  });
  const found = listed
    .trim()
    .split("\n")
    .filter((file) => file !== "tests/code/comments.test.ts")
    .flatMap((file) => headlessIn(readFileSync(resolve(ROOT, file), "utf8")).map((comment) => `${file}: ${comment}`));
  expect(found).toEqual([]);
});

test("headless clauses are distinguished from other comments", () => {
  const comments = [
    "/** Of a room. */",
    "/**\n * Who may join.\n */",
    "  // That it is there.",
    "// It says\n// That.",
  ];
  expect(comments.map((comment) => headlessIn(comment).length)).toEqual([1, 1, 1, 0]);
  expect(headlessIn("/** Offers a room. @returns whoever */")).toEqual([]);
});
