import { defineConfig } from "vitest/config";
import long from "./vitest.long.config.mts";

/** The tests on the real Pulumi engine, with more kills of `pulumi up` than `npm run test:long` has time for. */
export default defineConfig({
  ...long,
  test: { ...long.test, include: ["tests/engine/**/*.long.ts"], env: { KILLS: "20" } },
});
