/** The steps of "Add a route" in CONTRIBUTING.md. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ROOT } from "../program/stack.ts";

/** The code that a step adds to a file, and the line it precedes; a new file has no such line. */
export interface Addition {
  file: string;
  before: string | undefined;
  text: string;
}

export async function additions(): Promise<Addition[]> {
  const document = await readFile(join(ROOT, "CONTRIBUTING.md"), "utf8");
  const section = document.match(/## Add a route\n(.*?)\n## /s)?.[1] ?? "";
  const steps = section.matchAll(
    /`([\w/]+\.ts)`(?:, before `([^`]+)`)?[^`]*(?:`[^`\n]+`[^`]*)*?\n\n {3}```ts\n(.*?) {3}```/gs,
  );
  return [...steps].map(([, file = "", before, code = ""]) => ({
    file,
    before,
    text: code.replaceAll(/^ {3}/gm, ""),
  }));
}
