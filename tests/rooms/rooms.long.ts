/** Tests who is in a room, who may do what there, and what services publish, with real clients and one local cloud. */
import { describe } from "vitest";
import { lenientTarget } from "./lenientTarget.ts";
import { describeMembership } from "./membership.ts";
import { describeModeration } from "./moderation.ts";
import { describePeople } from "./people.ts";
import { describePublishing } from "./publishing.ts";

const start = lenientTarget();

describe("rooms and their members", () => describeMembership(start));
describe("people in rooms", () => describePeople(start));
describe("moderators and bans", () => describeModeration(start));
describe("what backends publish", () => describePublishing(start));
