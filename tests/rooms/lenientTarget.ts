import { afterAll, beforeAll } from "vitest";
import { startTarget, type Target } from "../e2e/target.ts";

/**
 * Starts a local cloud for all tests of a file. One of its connections may send many invalid frames without being
 * closed.
 */
export function lenientTarget(): () => Promise<Target> {
  let started: Promise<Target> | undefined;
  const start = () => {
    started ??= startTarget(["--config", "strikes=1000000"]);
    return started;
  };
  beforeAll(start);
  afterAll(async () => (await started)?.stop());
  return start;
}
