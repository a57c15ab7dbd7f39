import { defineConfig } from "vitest/config";

/** What is too slow for every `npm test`. */
export default defineConfig({
  test: {
    include: ["tests/**/*.long.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 1,
  },
});
