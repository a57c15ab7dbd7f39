/**
 * `npm test -- --changed` finds the tests that import a changed file. A test that runs the program, a command or a
 * bundle in another process doesn't import its files, so they are declared here.
 */
import { globSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vitest/config";

const ROOT = join(import.meta.dirname, "..");

/** Files through which tests start other processes. */
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

/** Makes Vite see imports that never run. */
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
