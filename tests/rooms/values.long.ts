/** Tests values at the limits of the protocol with real clients; tests/fuzz sends them to the functions directly. */
import { afterAll, beforeAll } from "vitest";
import { startTarget, type Target } from "../e2e/target.ts";
import { describeValues } from "./values.ts";

let started: Promise<Target> | undefined;
const start = () => {
  // One connection sends many invalid frames.
  started ??= startTarget(["--config", "strikes=1000000"]);
  return started;
};

beforeAll(start);
afterAll(async () => (await started)?.stop());

describeValues(start);
