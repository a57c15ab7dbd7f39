/** The steps of CONTRIBUTING.md's "Add a route". */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ROOT } from "../program/stack.ts";

/** What a step adds to which file, and in front of what; to a new file without it. */
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
