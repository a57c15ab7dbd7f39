import { defineConfig } from "vitest/config";
import { childSources } from "./tests/childSources.ts";
import { SlowestTests } from "./tests/slowestTests.ts";

export default defineConfig({
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
