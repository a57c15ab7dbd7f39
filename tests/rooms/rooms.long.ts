/** Tests who is in a room, who may do what there, and what services publish, with real clients and one local cloud. */
import { afterAll, beforeAll, describe } from "vitest";
import { startTarget, type Target } from "../e2e/target.ts";
import { describeMembership } from "./membership.ts";
import { describeModeration } from "./moderation.ts";
import { describePeople } from "./people.ts";
import { describePublishing } from "./publishing.ts";

let started: Promise<Target> | undefined;
const start = () => {
  // One connection sends many invalid frames, and must not be closed for that.
  started ??= startTarget(["--config", "strikes=1000000"]);
  return started;
};

beforeAll(start);
afterAll(async () => (await started)?.stop());

describe("rooms and their members", () => describeMembership(start));
describe("people in rooms", () => describePeople(start));
describe("moderators and bans", () => describeModeration(start));
describe("what backends publish", () => describePublishing(start));
