/**
 * `npm test -- --changed` finds the tests that import a changed file. Those that run the program, a command or a bundle in
 * another process import none of its files: this tells.
 */
import { globSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vitest/config";

const ROOT = join(import.meta.dirname, "..");

/** What tests start other processes by. */
const STARTERS = [
  "tests/checker/crew.ts",
  "tests/checker/bundles.ts",
  "tests/cli/command.ts",
  "tests/deploy/awsStandIn.ts",
  "tests/engine/workspace.ts",
  "tests/local/startProgram.ts",
  "tests/localCloud.ts",
  "tests/program/serialization.test.ts",
  "tests/program/stack.ts",
];

const SOURCES = [
  "{index,config}.ts",
  "{components,callbacks,handlers,chat,protocol,iam,stack,cache,local,cli,client,deploy,policy}/**/*.{ts,cjs,js}",
  "tests/programs/**/*.ts",
];

/** Lets Vite see imports that are never run. */
export function childSources(): Plugin {
  const starters = new Set(STARTERS.map((file) => join(ROOT, file)));
  const imports = globSync(SOURCES, { cwd: ROOT, exclude: ["**/node_modules", "**/*.test.ts", "**/*.d.ts"] })
    .map((file) => `() => import(${JSON.stringify(`/${file}`)});`)
    .join("\n");
  return {
    name: "child-sources",
    transform: (code, id) => (starters.has(id) ? `${code}\n${imports}` : undefined),
  };
}
