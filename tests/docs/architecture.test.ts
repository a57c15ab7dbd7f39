/** Follows docs/architecture.md through the code, file by file. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../program/stack.ts";

const read = (file: string) => readFileSync(join(ROOT, file), "utf8");

/** The files of each numbered list. */
const paths = read("docs/architecture.md")
  .split(/\n(?!\d+\. `)/)
  .map((part) => [...part.matchAll(/^\d+\. `([\w./-]+)`/gm)].map(([, file]) => file as string))
  .filter((files) => files.length > 1);

/** Paths in the project of the modules that a file imports, including imports in a callback's body. */
function importsOf(file: string): string[] {
  const specifiers = [...read(file).matchAll(/(?:from|import\()\s*"([^"]+)"/g)].map(([, to]) => to as string);
  return specifiers.map((to) => {
    if (to.startsWith("@serverless-chat/")) return `${to.slice("@serverless-chat/".length)}/index.ts`;
    return join(dirname(file), to).replace(/\.(js|ts)$/, "");
  });
}

test("docs/architecture.md has numbered lists of files to follow through the code", () => {
  expect(paths.length).toBeGreaterThan(6);
});

test.each(paths)("each file of the path that starts at %s imports the next one", (...files) => {
  for (const [i, file] of files.entries()) {
    expect({ file, exists: existsSync(join(ROOT, file)) }).toEqual({ file, exists: true });
    const next = files[i + 1];
    if (next === undefined) continue;
    const imported = importsOf(file).map((to) => to.replace(/\.ts$/, ""));
    expect({ file, imported }).toEqual({ file, imported: expect.arrayContaining([next.replace(/\.ts$/, "")]) });
  }
});
