/** Everything that the documents name exists, and they name everything that the protocol has. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ACTIONS } from "../../protocol/actions.ts";
import { ERROR_CODES } from "../../protocol/errors.ts";
import { ROOT } from "../program/stack.ts";

const read = (file: string) => readFileSync(join(ROOT, file), "utf8");
const DOCUMENTS = [
  "README.md",
  "docs/README.md",
  "CONTRIBUTING.md",
  "docs/protocol.md",
  "docs/security.md",
  "docs/guarantees.md",
  "docs/deploy.md",
  "docs/tables.md",
  "docs/scale.md",
  "docs/architecture.md",
  ...readdirSync(join(ROOT, "docs/decisions")).map((file) => `docs/decisions/${file}`),
];

/** The first cells of the rows below a table's heading. */
const firstCells = (document: string, heading: string) => {
  const table = read(document).match(new RegExp(`^\\| \`?${heading}\`? +\\|[\\s\\S]*?\\n\\n`, "m"))?.[0] ?? "";
  return [...table.matchAll(/^\| `(\w+)`/gm)].map(([, cell]) => cell).filter((cell) => cell !== heading);
};
const literals = (file: string, field: string) =>
  [...read(file).matchAll(new RegExp(`${field}: (?:v\\.literal\\()?"(\\w+)"`, "g"))].map(([, name]) => name);

describe("the documents", () => {
  test("name every error code, and no other", () => {
    expect(firstCells("docs/protocol.md", "code")).toEqual([...ERROR_CODES]);
  });

  test("name every action, and no other", () => {
    expect(new Set(literals("protocol/requests.ts", "action"))).toEqual(new Set(ACTIONS));
    expect(new Set(firstCells("docs/protocol.md", "action"))).toEqual(new Set(ACTIONS));
  });

  test("name every type of frame, and no other", () => {
    const types = new Set([...literals("protocol/responses.ts", "type"), "error"]);
    expect(new Set(firstCells("docs/protocol.md", "type"))).toEqual(types);
  });

  test("name every kind of entry, and no other", () => {
    expect(new Set(firstCells("docs/protocol.md", "kind"))).toEqual(new Set(literals("protocol/entries.ts", "kind")));
  });

  test("promise nothing that isn't tested", () => {
    // A guarantee is a row of three cells: the promise, its cost, and the tests that check it.
    const guarantees = [...read("docs/guarantees.md").matchAll(/^\| .+ \| .+ \| (.+?) +\|$/gm)].slice(2);
    expect(guarantees.length).toBeGreaterThan(10);
    for (const [row, held = ""] of guarantees) {
      const tests = [...held.matchAll(/`(tests\/[^`]+\.ts)` "([^"]+)"/g)];
      expect({ row, tests: tests.length > 0 }).toEqual({ row, tests: true });
      for (const [, file = "", title = ""] of tests) expect(read(file)).toContain(title);
    }
  });

  test.each(DOCUMENTS)("%s names only npm scripts that exist", (document) => {
    const { scripts } = JSON.parse(read("package.json"));
    for (const [, script] of read(document).matchAll(/npm run (?:-s )?([a-z0-9:]+)/g))
      expect(scripts).toHaveProperty([script as string]);
  });

  test.each(DOCUMENTS)("%s names only files and folders that exist", (document) => {
    for (const [, path] of read(document).matchAll(
      /`((?:tests|handlers|chat|protocol|local|components|docs)\/[\w./]*)`/g,
    )) {
      if (path !== "handlers/countMembers.ts")
        expect({ path, exists: existsSync(join(ROOT, path as string)) }).toEqual({ path, exists: true });
    }
  });
});
