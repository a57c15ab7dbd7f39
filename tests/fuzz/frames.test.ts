import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundlesWith } from "../checker/bundles.ts";
import { Chat, type Connection } from "./chat.ts";
import { MOST_BYTES } from "./documented.ts";
import { commandOf, fuzz, optionsFor } from "./frames.ts";

/** Number of frames. tests/fuzz/frames.long.ts sends 100,000, including these. */
const FRAMES = 400;

test(`${FRAMES} frames that none of our clients sends do no damage`, { timeout: 120_000 }, async () => {
  const options = optionsFor(FRAMES);

  const { findings, answers, appended } = await fuzz(options);

  expect(findings, commandOf(options)).toEqual([]);
  // The test would mean little if all frames had been refused for the same reason.
  expect(Object.keys(answers).length).toBeGreaterThan(12);
  expect(appended).toBeGreaterThan(FRAMES / 100);
});

describe("the answer to an invalid frame of 32 KB", () => {
  let chat: Chat;
  let connection: Connection;

  beforeAll(async () => {
    chat = new Chat(await bundlesWith());
    await chat.begin();
    connection = await chat.connect("ana");
  });
  afterAll(() => chat?.end());

  const long = "k".repeat(32_700);
  test.each([
    ["has an unknown field", `{"action":"ping","${long}":1}`],
    ["has an unknown field in its rooms", `{"action":"hello","rooms":[{"room":"a","${long}":1}]}`],
    ["has a string instead of a number", `{"action":"markRead","seq":"${long}"}`],
    ["has a string instead of a list", `{"action":"hello","rooms":"${long}"}`],
    ["has a text that is too long", `{"action":"sendMessage","text":"${long}"}`],
    ["has a room name that is too long", `{"action":"joinRoom","room":"${long}"}`],
    ["has an id that is too long", `{"action":"ping","id":"${long}"}`],
    ["names an unknown action", `{"action":"${long}"}`],
    ["is not JSON", long],
  ])("fits into one frame if the request %s", async (_, text) => {
    const { returned } = await chat.send(connection, text);

    const body = String(returned?.body);
    expect(JSON.parse(body)).toMatchObject({ type: "error", retryable: false });
    expect(Buffer.byteLength(body)).toBeLessThanOrEqual(MOST_BYTES);
  });
});
