import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { childSources } from "./tests/childSources.ts";
import { SlowestTests } from "./tests/slowestTests.ts";

const sourceOf = (file: string) => fileURLToPath(new URL(file, import.meta.url));

/** The packages' sources, which need no build, as tsconfig.json has them. */
export const alias = [
  { find: /^@serverless-chat\/client\/(\w+)$/, replacement: sourceOf("client/$1/index.ts") },
  { find: "@serverless-chat/client", replacement: sourceOf("client/index.ts") },
  { find: "@serverless-chat/react", replacement: sourceOf("react/index.ts") },
];

export default defineConfig({
  resolve: { alias },
  plugins: process.argv.some((arg) => arg.startsWith("--changed")) ? [childSources()] : [],
  test: {
    include: ["tests/**/*.test.ts", "policy/tests/**/*.test.ts"],
    // A cold start of the local cloud with everything it needs, on a busy machine.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Two cores: more files at once would only make each other slow.
    maxWorkers: 2,
    reporters: ["default", new SlowestTests()],
  },
});
