/** Tests that ResponseReader understands every well-formed response, however its bytes are divided, in linear time. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cuts, latin1, read } from "./read.ts";
import { sample } from "./responses.ts";

/** Headers as entries, because the names `__proto__` and `constructor` are special in object literals. */
const entriesOf = (headers: Record<string, string> = {}) => Object.entries(headers).sort();

describe("a well-formed response", () => {
  test("is read as it was meant, however it is divided", () => {
    fc.assert(
      fc.property(sample, cuts, (expected, places) => {
        const { response, closed, isReusable, error } = read(expected.bytes, places);
        expect(error).toBeUndefined();
        expect([response !== undefined, closed !== undefined]).toEqual([
          !expected.isUntilClosed,
          expected.isUntilClosed,
        ]);
        const found = response ?? closed;
        expect(found?.status).toBe(expected.status);
        expect(entriesOf(found?.headers)).toEqual(entriesOf(expected.headers));
        expect(found?.body.toString("latin1")).toBe(expected.body.toString("latin1"));
        expect(isReusable).toBe(expected.isReusable);
      }),
      { numRuns: 250 },
    );
  });

  test("is incomplete while any of its bytes is missing", () => {
    fc.assert(
      fc.property(sample, fc.nat(), cuts, ({ bytes, isUntilClosed }, place, places) => {
        fc.pre(!isUntilClosed);
        expect(read(bytes.subarray(0, place % bytes.length), places)).toEqual({ isReusable: false });
      }),
    );
  });

  test("forbids another request on its socket if more bytes follow", () => {
    fc.assert(
      fc.property(sample, fc.uint8Array({ minLength: 1, maxLength: 20 }), cuts, (expected, more, places) => {
        fc.pre(!expected.isUntilClosed);
        const { response, isReusable } = read(Buffer.concat([expected.bytes, more]), places);
        expect(response?.body.toString("latin1")).toBe(expected.body.toString("latin1"));
        expect(isReusable).toBe(false);
      }),
    );
  });
});

test("a response that a defect or random bytes changed is understood or refused in the same way, however it is divided", () => {
  const defects = fc.array(fc.record({ at: fc.nat(), removed: fc.nat(3), added: fc.uint8Array({ maxLength: 3 }) }), {
    minLength: 1,
    maxLength: 3,
  });
  const damaged = fc.tuple(sample, defects).map(([{ bytes }, defects]) => {
    let text = bytes.toString("latin1");
    for (const { at, removed, added } of defects) {
      const place = at % (text.length + 1);
      text = text.slice(0, place) + Buffer.from(added).toString("latin1") + text.slice(place + removed);
    }
    return latin1(text);
  });
  const random = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));
  const unknownBytes = fc.oneof({ weight: 4, arbitrary: damaged }, { weight: 1, arbitrary: random });
  fc.assert(
    fc.property(unknownBytes, cuts, (bytes, places) => {
      const whole = read(bytes);
      if (whole.error !== undefined) expect(whole.error).toMatch(/^MalformedResponse: /);
      expect(read(bytes, places)).toEqual(whole);
    }),
    { numRuns: 400 },
  );
});

describe("headers of the maximum size", () => {
  const longest = `HTTP/1.1 200 OK\r\ncontent-length: 0\r\nx: ${"a".repeat(16_384 - 39)}`;

  test.each([1, 2, 3, 4])("are accepted when the last %i bytes of their end come later", (later) => {
    const bytes = latin1(`${longest}\r\n\r\n`);
    expect(longest.length).toBe(16_384);
    expect(read(bytes).response?.status).toBe(200);
    expect(read(bytes, [bytes.length - later]).response?.status).toBe(200);
  });

  test("are refused with one more byte, even before their end arrives", () => {
    const longer = longest.replace("x:", "xx:");
    expect(read(latin1(`${longer}\r\n\r\n`)).error).toContain("longer than 16384 bytes");
    expect(read(latin1(`${longer}\r\n\ra`)).error).toContain("longer than 16384 bytes");
  });

  test("are counted anew for each interim response", () => {
    const interim = `HTTP/1.1 103 Early Hints\r\nlink: ${"a".repeat(10_000)}\r\n\r\n`;
    expect(read(latin1(`${interim.repeat(4)}HTTP/1.1 204\r\n\r\n`)).response?.status).toBe(204);
  });
});

test("a chunk's line of the maximum size is accepted however it is divided", () => {
  const line = `1;${"a".repeat(16_382)}`;
  const bytes = latin1(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${line}\r\na\r\n0\r\n\r\n`);
  const end = bytes.indexOf("\r\na\r\n");
  for (const cut of [end, end + 1, end + 2]) expect(read(bytes, [cut]).response?.body.toString()).toBe("a");
});

describe("reading takes time in proportion to the bytes", () => {
  const chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
  const everyByte = (length: number) => Array.from({ length }, (_, i) => i);
  const padded = `HTTP/1.1 100 Continue\r\nx: a${" \t".repeat(8_000)}b\r\n\r\n`;

  test.each([
    ["many small chunks at once", `${chunked}${"1\r\na\r\n".repeat(100_000)}0\r\n\r\n`, []],
    ["many interim responses at once", `${"HTTP/1.1 100\r\n\r\n".repeat(50_000)}HTTP/1.1 204\r\n\r\n`, []],
    ["long runs of spaces in headers", `${padded.repeat(200)}HTTP/1.1 204\r\n\r\n`, []],
    ["many trailers at once", `${chunked}0\r\n${"a: b\r\n".repeat(100_000)}\r\n`, []],
    [
      "a body byte by byte",
      `HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n${"a".repeat(100_000)}`,
      everyByte(100_045),
    ],
    ["small chunks byte by byte", `${chunked}${"1\r\na\r\n".repeat(20_000)}0\r\n\r\n`, everyByte(120_055)],
    ["repeated headers", `HTTP/1.1 204\r\n${"a:\r\n".repeat(4_000)}\r\n`, []],
  ])("%s", (_, text, places) => {
    const before = process.cpuUsage();
    expect(read(latin1(text), places).response).toBeDefined();
    const { user, system } = process.cpuUsage(before);
    // Linear time takes far less than this, and quadratic time takes several seconds.
    expect((user + system) / 1_000).toBeLessThan(2_500);
  });
});
