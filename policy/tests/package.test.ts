/** Tests the npm package as it would be published. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import ts from "typescript";
import { expect, test } from "vitest";

const PACKAGE = fileURLToPath(new URL("../", import.meta.url));

test("the package has what it needs, and publint finds nothing wrong", async () => {
  const folder = mkdtempSync(join(tmpdir(), "policy-package-"));
  const [packed] = JSON.parse(
    execFileSync("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder], {
      cwd: PACKAGE,
      encoding: "utf8",
    }),
  );
  const files = packed.files.map(({ path }: { path: string }) => path);
  expect(files).toEqual(
    expect.arrayContaining([
      ...[
        "LICENSE",
        "README.md",
        "PulumiPolicy.yaml",
        "package.json",
        "dist/index.cjs",
        "dist/pack.mjs",
        "command.js",
        "dist/cli.mjs",
      ],
      ...["dist/codeReader.mjs", "dist/catalog.jsonl", "dist/docs/adopt.md", "dist/docs/wildcard-action.md"],
      ...["dist/accept.cjs", "dist/accept.d.cts"],
    ]),
  );
  expect(files.filter((file: string) => /\.ts$|tests\//.test(file))).toEqual([]);
  const { messages } = await publint({
    pkgDir: "/package",
    pack: {
      files: files.map((path: string) => ({ name: `/package/${path}`, data: readFileSync(join(PACKAGE, path)) })),
    },
    strict: true,
  });
  const pkg = JSON.parse(readFileSync(join(PACKAGE, "package.json"), "utf8"));
  expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
  rmSync(folder, { recursive: true });
});

test("TypeScript reads only the pack's small entry file, even if a project allows JavaScript", () => {
  const entry = join(PACKAGE, "dist/index.cjs");
  const options = { allowJs: true, noLib: true, types: [], module: ts.ModuleKind.NodeNext };
  const files = ts.createProgram([entry], options).getSourceFiles();
  expect(files.map(({ fileName }) => basename(fileName))).toEqual(["index.cjs"]);
});
