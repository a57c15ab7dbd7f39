import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { childSources } from "./tests/childSources.ts";
import { SlowestTests } from "./tests/slowestTests.ts";

const sourceOf = (file: string) => fileURLToPath(new URL(file, import.meta.url));

/** The packages' sources, which need no build, mapped as in `tsconfig.json`. */
export const alias = [
  { find: /^@serverless-chat\/client\/(\w+)$/, replacement: sourceOf("client/$1/index.ts") },
  { find: "@serverless-chat/client", replacement: sourceOf("client/index.ts") },
  { find: "@serverless-chat/react", replacement: sourceOf("react/index.ts") },
];

/** Test files whose modules can be shared. */
const SHARING = ["client", "code", "deploy", "docs", "http", "iam", "local/store", "react"].map(
  (folder) => `tests/${folder}/**/*.test.ts`,
);

export default defineConfig({
  plugins: process.argv.some((arg) => arg.startsWith("--changed")) ? [childSources()] : [],
  resolve: { alias },
  test: {
    projects: [
      { extends: true, test: { name: "chat", include: ["tests/**/*.test.ts"], exclude: SHARING } },
      // These files share what they load, such as the catalog of AWS actions, because none of them changes anything
      // global. The others set Pulumi's mocks, or environment variables that modules read when they are loaded.
      { extends: true, test: { name: "sharing", include: SHARING, isolate: false } },
      { extends: true, test: { name: "policy", include: ["policy/tests/**/*.test.ts"], isolate: false } },
    ],
    // Long enough for a cold start of the local cloud with everything it needs, on a busy machine.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Two cores: more files at once would only make each other slow.
    maxWorkers: 2,
    reporters: ["default", new SlowestTests()],
  },
});
