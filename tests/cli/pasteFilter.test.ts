/** Input from a terminal reaches the line as typed text and pasted blocks, however its bytes are cut into pieces. */
import { PassThrough } from "node:stream";
import type { ReadStream } from "node:tty";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { PasteFilter } from "../../cli/terminal/pasteFilter.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterEach(() => {
  vi.useRealTimers();
});

function startFilter() {
  const terminal = new PassThrough();
  const pasted: string[] = [];
  const filter = new PasteFilter(terminal as unknown as ReadStream, (text) => pasted.push(text));
  let typed = "";
  filter.on("data", (chunk) => {
    typed += chunk;
  });
  /** Sends a piece, and waits until it has passed through. */
  const send = async (piece: Uint8Array | string) => {
    terminal.write(piece);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { send, pasted, typed: () => typed };
}

test("a paste is one block, wherever its bytes are cut into pieces", async () => {
  const text = "before \x1b[200~é\r/who\x1b[201~ after";
  const bytes = Buffer.from(text, "utf8");
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(fc.integer({ min: 1, max: bytes.length - 1 })), async (cuts) => {
      const { send, pasted, typed } = startFilter();
      const ends = [...cuts.sort((a, b) => a - b), bytes.length];
      for (const [i, end] of ends.entries()) await send(bytes.subarray(ends[i - 1] ?? 0, end));
      expect({ pasted, typed: typed() }).toEqual({ pasted: ["é\r/who"], typed: "before  after" });
    }),
  );
});

test("an escape is a key if nothing follows, and the beginning of a sequence otherwise", async () => {
  const { send, typed } = startFilter();
  await send("\x1b");
  expect(typed()).toBe("");
  vi.advanceTimersByTime(500);
  await send("b");
  expect(typed()).toBe("\x1bb");
  await send("\x1b");
  await send("[A");
  expect(typed()).toBe("\x1bb\x1b[A");
});
