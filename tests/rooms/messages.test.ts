/** Tests messages with real clients and a local cloud. */
import { describe } from "vitest";
import { lenientTarget } from "./lenientTarget.ts";
import { describeMessages } from "./messages.ts";

const start = lenientTarget();

describe("messages, edits, deletions and reactions", () => describeMessages(start));
