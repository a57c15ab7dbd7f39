/** Values at the limits of the protocol, sent by real clients; tests/fuzz sends them directly to the functions. */
import { afterAll, beforeAll } from "vitest";
import { startTarget, type Target } from "../e2e/target.ts";
import { describeValues } from "./values.ts";

let started: Promise<Target> | undefined;
const start = () => {
  // One connection sends many invalid frames, and must not be closed because of them.
  started ??= startTarget(["--config", "strikes=1000000"]);
  return started;
};

beforeAll(start);
afterAll(async () => (await started)?.stop());

describeValues(start);
