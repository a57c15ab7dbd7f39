/** Tests messages with real clients and a local cloud. */
import { afterAll, beforeAll, describe } from "vitest";
import { startTarget, type Target } from "../e2e/target.ts";
import { describeMessages } from "./messages.ts";

let started: Promise<Target> | undefined;
const start = () => {
  // One connection sends many invalid frames, and must not be closed for that.
  started ??= startTarget(["--config", "strikes=1000000"]);
  return started;
};

beforeAll(start);
afterAll(async () => (await started)?.stop());

describe("messages, edits, deletions and reactions", () => describeMessages(start));
