/** Rooms, through the front door: real clients against one local cloud, whose start takes longer than most tests. */
import { afterAll, beforeAll, describe } from "vitest";
import { startTarget, type Target } from "../e2e/target.ts";
import { describeMembership } from "./membership.ts";
import { describeMessages } from "./messages.ts";
import { describeModeration } from "./moderation.ts";
import { describePeople } from "./people.ts";
import { describePublishing } from "./publishing.ts";

let started: Promise<Target> | undefined;
const start = () => {
  // One connection sends many frames that are none.
  started ??= startTarget(["--config", "strikes=1000000"]);
  return started;
};

beforeAll(start);
afterAll(async () => (await started)?.stop());

describe("rooms and who is in them", () => describeMembership(start));
describe("messages and what is said about them", () => describeMessages(start));
describe("people in rooms", () => describePeople(start));
describe("who moderates, and who is banned", () => describeModeration(start));
describe("what backends publish", () => describePublishing(start));
