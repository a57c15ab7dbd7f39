/** Tests that ResponseReader refuses what isn't an HTTP/1.1 response, however the bytes are divided. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cuts, latin1, read } from "./read.ts";

const chunked = (body: string) => `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${body}`;
const withHeaders = (...lines: string[]) => `HTTP/1.1 200 OK\r\n${lines.join("\r\n")}\r\n\r\n`;

function expectRefused(text: string, message: string): void {
  const bytes = latin1(text);
  fc.assert(
    fc.property(cuts, (places) => {
      expect(read(bytes, places).error ?? "no error").toContain(`MalformedResponse: ${message}`);
    }),
    { numRuns: 10 },
  );
}

describe("a status line is refused", () => {
  test.each([
    ["without a version", "200 OK"],
    ["of another protocol", "SSH-2.0-OpenSSH_9.6"],
    ["of HTTP/2", "HTTP/2 200 OK"],
    ["in lower case", "http/1.1 200 OK"],
    ["with two spaces", "HTTP/1.1  200 OK"],
    ["with a space before it", " HTTP/1.1 200 OK"],
    ["without a status", "HTTP/1.1"],
    ["with a status of two digits", "HTTP/1.1 99 OK"],
    ["with a status below 100", "HTTP/1.1 099 OK"],
    ["with a status of four digits", "HTTP/1.1 2000 OK"],
    ["with a status that isn't a number", "HTTP/1.1 2x0 OK"],
    ["without a space after the status", "HTTP/1.1 200OK"],
    ["if it is empty", ""],
  ])("%s", (_, line) => {
    expectRefused(`${line}\r\ncontent-length: 0\r\n\r\n`, "the status line");
  });
});

describe("a header is refused", () => {
  test.each([
    ["without a colon", "name"],
    ["without a name", ": value"],
    ["with a space in its name", "a name: value"],
    ["with a space before its colon", "name : value"],
    ["with a tab before its colon", "name\t: value"],
    ["if it continues the line before", " folded: value"],
    ["with a letter beyond ASCII in its name", "n\xe4me: value"],
    ["with a NUL in its name", "na\0me: value"],
    ["with a parenthesis in its name", "na(me): value"],
    ["with a line feed in its value", "name: value\nother: value"],
    ["with a line feed at the end of its value", "name: value\n"],
    ["with a carriage return in its value", "name: value\rother: value"],
    ["with a carriage return at the end of its value", "name: value\r"],
    ["with a NUL in its value", "name: val\0ue"],
  ])("%s", (_, line) => {
    expectRefused(withHeaders("a: b", line, "content-length: 0"), "a header");
  });
});

describe("a content length is refused", () => {
  test.each([
    ["if it is negative", "-1"],
    ["with a sign", "+1"],
    ["in hexadecimal digits", "0x1"],
    ["with a letter", "1a"],
    ["with a fraction", "1.0"],
    ["with an exponent", "1e1"],
    ["with a space", "1 1"],
    ["if it is empty", ""],
    ["if it is larger than any body", "9".repeat(16)],
    ["in a list of different ones", "1, 2"],
    ["in a list with an empty one", "1, "],
    ["before a space that isn't ASCII", "1\xa0"],
  ])("%s", (_, length) => {
    expectRefused(withHeaders(`content-length: ${length}`), "the content length");
  });

  test("if two headers contradict each other", () => {
    expectRefused(withHeaders("content-length: 1", "Content-Length: 2"), "the content length");
  });
});

describe("a transfer encoding is refused", () => {
  test.each([
    ["if it is unknown", "gzip"],
    ["before chunks", "gzip, chunked"],
    ["after chunks", "chunked, gzip"],
    ["if chunks are inside chunks", "chunked, chunked"],
    ["if it is the former name for no encoding", "identity"],
    ["if it is empty", ""],
    ["before a vertical tab", "chunked\v"],
  ])("%s", (_, encoding) => {
    expectRefused(withHeaders(`transfer-encoding: ${encoding}`), "the transfer encoding");
  });

  // "ought to be handled as an error": https://www.rfc-editor.org/rfc/rfc9112#section-6.3-2.3
  test.each([
    ["before", ["content-length: 5", "transfer-encoding: chunked"]],
    ["after", ["transfer-encoding: chunked", "content-length: 5"]],
  ])("if a contradictory content length comes %s it", (_, lines) => {
    expectRefused(`${withHeaders(...lines)}0\r\n\r\n`, "the response has a content length and a transfer encoding");
  });
});

describe("the size of a chunk is refused", () => {
  test.each([
    ["if it is missing", "\r\n"],
    ["if it is missing before an extension", ";a=b\r\n"],
    ["if it isn't a number", "xyz\r\n"],
    ["if it is negative", "-1\r\na\r\n"],
    ["with a prefix", "0x1\r\na\r\n"],
    ["after a space", " 1\r\na\r\n"],
    ["before another one", "1 1\r\na\r\n"],
    ["beyond 4 GB", "100000000\r\n"],
    ["if it would be rounded", `${"f".repeat(20)}\r\n`],
    ["if it ends in a line feed", "1\na\r\n"],
    ["before an extension with a line feed", "1;a\nb\r\na\r\n"],
    ["after a blank line", "1\r\na\r\n\r\n0\r\n\r\n"],
    ["after a blank line at the beginning", "\r\n1\r\na\r\n0\r\n\r\n"],
  ])("%s", (_, body) => {
    expectRefused(chunked(body), "the size of a chunk");
  });
});

describe("a chunk is refused", () => {
  test.each([
    ["if it is longer than its size", "3\r\nabcdef\r\n0\r\n\r\n"],
    ["if it is shorter than its size", "3\r\na\r\n0\r\n\r\n"],
    ["without a line break at its end", "5\r\nhello5\r\nworld\r\n0\r\n\r\n"],
    ["with a line feed at its end", "5\r\nhello\n5\r\nworld\r\n0\r\n\r\n"],
  ])("%s", (_, body) => {
    expectRefused(chunked(body), "no line break follows a chunk");
  });
});

describe("whatever exceeds the reader's memory limit is refused before its end arrives", () => {
  test.each([
    ["a status line", "HTTP/1.1 200 ", "O"],
    ["a header", "HTTP/1.1 200 OK\r\na: ", "b"],
    ["many headers", "HTTP/1.1 200 OK\r\n", "a: b\r\n"],
    ["an interim response", "HTTP/1.1 100\r\n\r\nHTTP/1.1 103 Early Hints\r\n", "a: b\r\n"],
    ["bytes that aren't HTTP", "", "\0"],
    ["a chunk's extension", chunked("1;"), "a"],
    ["a chunk's size", chunked(""), "0"],
    ["a trailer", chunked("0\r\na: "), "b"],
  ])("%s", (_, beginning, repeated) => {
    expectRefused(beginning + repeated.repeat(20_000), "");
  });
});
