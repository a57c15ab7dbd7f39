import { defineConfig } from "vitest/config";
import { alias } from "./vitest.config.mts";

/** The tests that are too slow for every `npm test`. */
export default defineConfig({
  resolve: { alias },
  test: {
    include: ["tests/**/*.long.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 1,
    expect: { poll: { timeout: 15_000 } },
  },
});
