/** What the documents say exists, exists; and what exists is in them. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ERROR_CODES } from "../../protocol/errors.ts";
import { ROOT } from "../program/stack.ts";

const read = (file: string) => readFileSync(join(ROOT, file), "utf8");
const DOCUMENTS = ["README.md", "CONTRIBUTING.md", "docs/protocol.md", "docs/security.md"];

describe("the documents", () => {
  test("name every error code, and no other", () => {
    const documented = [...read("docs/protocol.md").matchAll(/^\| `([A-Z_]+)` +\|/gm)].map(([, code]) => code);
    expect(documented).toEqual([...ERROR_CODES]);
  });

  test("name every key of the configuration, and no other", () => {
    const keys = [...read("components/settings.ts").matchAll(/(?:text|wholeNumber|oneOf|required|read)\(\s*"(\w+)"/g)];
    const table = read("README.md").match(/\| Key +\|[\s\S]*?\n\n/)?.[0] ?? "";
    const documented = [...table.matchAll(/`chat:(\w+)`/g)].map(([, key]) => key);
    expect(new Set(documented)).toEqual(new Set(keys.map(([, key]) => key)));
  });

  test.each(DOCUMENTS)("%s names only npm scripts that there are", (document) => {
    const { scripts } = JSON.parse(read("package.json"));
    for (const [, script] of read(document).matchAll(/npm run (?:-s )?([a-z0-9:]+)/g))
      expect(scripts).toHaveProperty([script as string]);
  });

  test.each(DOCUMENTS)("%s names only files and folders that there are", (document) => {
    for (const [, path] of read(document).matchAll(
      /`((?:tests|handlers|chat|protocol|local|components|docs)\/[\w./]*)`/g,
    )) {
      if (path !== "handlers/countMembers.ts")
        expect({ path, exists: existsSync(join(ROOT, path as string)) }).toEqual({ path, exists: true });
    }
  });
});
