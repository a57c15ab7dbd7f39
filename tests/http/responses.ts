/** Arbitrary well-formed responses, each with what a client has to understand. */
import fc from "fast-check";
import { latin1 } from "./read.ts";

export interface Sample {
  bytes: Buffer;
  status: number;
  headers: Record<string, string>;
  body: Buffer;
  /** Whether closing the socket ends the body. */
  isUntilClosed: boolean;
  isReusable: boolean;
}

const characters = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => String.fromCharCode(from + i));
const VISIBLE = [...characters(0x21, 0x7e), ...characters(0x80, 0xff)];

/** A header's value, with spaces only inside. */
const value = fc
  .array(fc.string({ unit: fc.constantFrom(...VISIBLE), minLength: 1, maxLength: 6 }), { maxLength: 3 })
  .chain((words) => fc.constantFrom(" ", "\t", "  ").map((space) => words.join(space)));
const name = fc.oneof(
  fc.stringMatching(/^x-[!#$%&'*+.^_`|~\dA-Za-z-]{1,8}$/),
  fc.constantFrom("Set-Cookie", "X-Repeated", "x-repeated", "constructor", "__proto__", "Keep-Alive"),
);
const space = fc.constantFrom("", " ", "\t", " \t  ");
const header = fc.record({ name, value, before: space, after: space });
type Header = typeof header extends fc.Arbitrary<infer H> ? H : never;

const linesOf = (headers: Header[]) =>
  headers.map(({ name, value, before, after }) => `${name}:${before}${value}${after}\r\n`).join("");

function valuesOf(headers: Header[]): Record<string, string> {
  const values = new Map<string, string[]>();
  for (const { name, value } of headers) {
    values.set(name.toLowerCase(), [...(values.get(name.toLowerCase()) ?? []), value]);
  }
  return Object.fromEntries([...values].map(([name, all]) => [name, all.join(", ")]));
}

const plain = (name: string, value: string): Header => ({ name, value, before: " ", after: "" });

const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array));
/** Bytes that look like parts of the protocol. */
const misleading = fc
  .array(fc.constantFrom("\r\n", "0\r\n\r\n", "\r", "\n", "HTTP/1.1 200 OK\r\n\r\n", "5"), { maxLength: 5 })
  .map((parts) => latin1(parts.join("")));
const body = fc.oneof(bytes, misleading);

interface Framing {
  headers: Header[];
  sent: Buffer;
  body: Buffer;
  isUntilClosed: boolean;
  isChunked: boolean;
}

const byLength: fc.Arbitrary<Framing> = fc
  .record({ body, name: fc.constantFrom("Content-Length", "content-length"), isRepeated: fc.boolean() })
  .map(({ body, name, isRepeated }) => {
    const length = plain(name, String(body.length));
    return {
      headers: isRepeated ? [length, length] : [length],
      sent: body,
      body,
      isUntilClosed: false,
      isChunked: false,
    };
  });

const extension = fc.constantFrom("", ";a", "; a=b", ' ;a="\xe9; c"', " ", ";");
const chunk = fc.record({
  bytes: body.filter(({ length }) => length > 0),
  extension,
  size: fc.constantFrom(
    (n: number) => n.toString(16),
    (n: number) => n.toString(16).toUpperCase().padStart(4, "0"),
  ),
});
const byChunks: fc.Arbitrary<Framing> = fc
  .record({
    chunks: fc.array(chunk, { maxLength: 4 }),
    last: fc.constantFrom("0", "000", "0;a=b"),
    trailers: fc.array(header, { maxLength: 2 }),
    encoding: fc.constantFrom("chunked", "Chunked"),
  })
  .map(({ chunks, last, trailers, encoding }) => {
    const parts = chunks.map(({ bytes, extension, size }) =>
      Buffer.concat([latin1(`${size(bytes.length)}${extension}\r\n`), bytes, latin1("\r\n")]),
    );
    return {
      headers: [plain("Transfer-Encoding", encoding)],
      sent: Buffer.concat([...parts, latin1(`${last}\r\n${linesOf(trailers)}\r\n`)]),
      body: Buffer.concat(chunks.map(({ bytes }) => bytes)),
      isUntilClosed: false,
      isChunked: true,
    };
  });

const untilClosed: fc.Arbitrary<Framing> = body.map((body) => ({
  headers: [],
  sent: body,
  body,
  isUntilClosed: true,
  isChunked: false,
}));

/** The answers 204 and 304 have no body, whatever their headers say. */
const NOTHING = { sent: Buffer.alloc(0), body: Buffer.alloc(0), isUntilClosed: false, isChunked: false };
const withoutBody: fc.Arbitrary<Framing> = fc
  .constantFrom<Header[]>([], [plain("content-length", "7")])
  .map((headers) => ({ headers, ...NOTHING }));

const interim = fc
  .record({
    status: fc.constantFrom(100, 102, 103),
    headers: fc.array(header, { maxLength: 2 }),
    // An interim response has no body, whatever its headers say.
    length: fc.constantFrom("", "content-length: 7\r\n"),
  })
  .map(({ status, headers, length }) => `HTTP/1.1 ${status} Wait\r\n${linesOf(headers)}${length}\r\n`);

const connection = fc.constantFrom(undefined, "close", "Close", "keep-alive", "Keep-Alive", "foo, CLOSE");

export const sample: fc.Arbitrary<Sample> = fc
  .oneof(
    fc.tuple(fc.constantFrom(204, 304), withoutBody),
    ...[byLength, byChunks, untilClosed].map((framing) => fc.tuple(fc.constantFrom(200, 206, 404, 503, 599), framing)),
  )
  .chain(([status, framing]) =>
    fc
      .record({
        interims: fc.array(interim, { maxLength: 2 }),
        minor: fc.constantFrom("0", "1"),
        reason: fc.constantFrom("", " ", " OK", " Not \xe9: \t what"),
        others: fc.array(header, { maxLength: 5 }),
        connection,
      })
      .map(({ interims, minor, reason, others, connection }) => {
        const own = connection === undefined ? [] : [plain("Connection", connection)];
        const headers = [...others, ...framing.headers, ...own];
        const head = `${interims.join("")}HTTP/1.${minor} ${status}${reason}\r\n${linesOf(headers)}\r\n`;
        const staysOpen = minor === "1" ? !/close/i.test(connection ?? "") : /keep-alive/i.test(connection ?? "");
        return {
          bytes: Buffer.concat([latin1(head), framing.sent]),
          status,
          headers: valuesOf(headers),
          body: framing.body,
          isUntilClosed: framing.isUntilClosed,
          // HTTP/1.0 has no chunks: https://www.rfc-editor.org/rfc/rfc9112#section-6.1-16
          isReusable: staysOpen && !framing.isUntilClosed && !(framing.isChunked && minor === "0"),
        };
      }),
  );
