/** The texts that `--help` prints fit into a terminal of 120 columns. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const MAX_COLUMNS = 120;

test(`no line of a help text is longer than ${MAX_COLUMNS} characters`, () => {
  const listed = execFileSync("git", ["ls-files", "--cached", "*.ts"], { cwd: ROOT, encoding: "utf8" });
  const helps = listed
    .trim()
    .split("\n")
    .map((file) => ({ file, help: /const HELP = `([^`]+)`/.exec(readFileSync(resolve(ROOT, file), "utf8"))?.[1] }))
    .filter(({ help }) => help !== undefined);
  expect(helps.length).toBeGreaterThan(15);
  const tooLong = helps.flatMap(({ file, help = "" }) =>
    help
      .split("\n")
      // A placeholder may be longer than the value that replaces it.
      .filter((line) => line.length > MAX_COLUMNS && !line.includes("${"))
      .map((line) => `${file}: ${line}`),
  );
  expect(tooLong).toEqual([]);
});
