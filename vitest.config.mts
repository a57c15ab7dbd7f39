import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["tests/**/*.test.ts", "policy/tests/**/*.test.ts"],
    // A cold start of the local cloud with everything it needs, on a busy machine.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Two cores: more files at once would only make each other slow.
    maxWorkers: 2,
  },
});
