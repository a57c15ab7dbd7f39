/** Reads HTTP/1.1 responses from the bytes of a socket: https://www.rfc-editor.org/rfc/rfc9112 */

export interface HttpResponse {
  status: number;
  /** By name in lower case. The values of a repeated header are joined with ", ". */
  headers: Record<string, string>;
  body: Buffer;
}

/** Thrown if the bytes aren't an HTTP/1.1 response. */
export class MalformedResponse extends Error {
  override name = "MalformedResponse";
}

/** Maximum size of the status line with the headers, as in Node's own client. */
const MAX_HEAD_BYTES = 16_384;

const NOTHING = Buffer.alloc(0);

/** Reads one response, however its bytes are divided into chunks. */
export class ResponseReader {
  #unread: Buffer = NOTHING;
  #head: Head | undefined;
  #body: Buffer[] = [];
  /** Bytes that are missing from the body, or from its current chunk. */
  #missing = 0;
  /** What follows the body's current chunk. */
  #next: "break" | "size" | "trailer" = "size";

  /**
   * Takes the next bytes of the socket.
   *
   * @returns the response, once it is complete
   * @throws MalformedResponse
   */
  push(bytes: Buffer): HttpResponse | undefined {
    this.#unread = this.#unread.length === 0 ? bytes : Buffer.concat([this.#unread, bytes]);
    while (this.#head === undefined) {
      const text = this.#takeHead();
      if (text === undefined) return undefined;
      const head = headOf(text);
      // An interim answer, such as 103, precedes the response.
      if (head.status >= 200) this.#head = head;
      this.#missing = typeof head.length === "number" ? head.length : 0;
    }
    return this.#isComplete(this.#head) ? this.#response(this.#head) : undefined;
  }

  /**
   * Tells the reader that the server has closed the socket, which ends a body of unknown length.
   *
   * @returns the response, unless it is incomplete
   */
  end(): HttpResponse | undefined {
    return this.#head?.length === "until closed" ? this.#response(this.#head) : undefined;
  }

  /** Whether the socket may be used again, once the response is complete. */
  get leavesSocketOpen(): boolean {
    return this.#head?.leavesSocketOpen === true && this.#unread.length === 0;
  }

  #isComplete(head: Head): boolean {
    if (head.length === "chunked") return this.#takeChunks();
    this.#takeBody(head.length === "until closed" ? this.#unread.length : this.#missing);
    return head.length !== "until closed" && this.#missing === 0;
  }

  #takeBody(most: number): void {
    const taken = this.#unread.subarray(0, most);
    if (taken.length === 0) return;
    this.#body.push(taken);
    this.#missing -= taken.length;
    this.#unread = this.#unread.subarray(taken.length);
  }

  /** @returns whether the last chunk and the trailers have been read */
  #takeChunks(): boolean {
    for (;;) {
      this.#takeBody(this.#missing);
      if (this.#missing > 0) return false;
      const line = this.#takeLine();
      if (line === undefined) return false;
      if (this.#next === "size") {
        this.#missing = chunkSizeIn(line);
        this.#next = this.#missing === 0 ? "trailer" : "break";
      } else if (this.#next === "break") {
        if (line !== "") throw new MalformedResponse("no line break follows a chunk");
        this.#next = "size";
      } else if (line === "") return true;
    }
  }

  #takeHead(): string | undefined {
    const end = this.#unread.indexOf("\r\n\r\n");
    // Three bytes of the end may be there already.
    if ((end === -1 ? this.#unread.length - 3 : end) > MAX_HEAD_BYTES) {
      throw new MalformedResponse(`the headers are longer than ${MAX_HEAD_BYTES} bytes`);
    }
    if (end === -1) return undefined;
    const text = this.#unread.toString("latin1", 0, end);
    this.#unread = this.#unread.subarray(end + 4);
    return text;
  }

  #takeLine(): string | undefined {
    const end = this.#unread.indexOf("\r\n");
    if ((end === -1 ? this.#unread.length - 1 : end) > MAX_HEAD_BYTES) {
      throw new MalformedResponse("a line is too long");
    }
    if (end === -1) return undefined;
    const line = this.#unread.toString("latin1", 0, end);
    this.#unread = this.#unread.subarray(end + 2);
    return line;
  }

  #response({ status, headers }: Head): HttpResponse {
    const [only = NOTHING, ...others] = this.#body;
    return { status, headers, body: others.length === 0 ? only : Buffer.concat(this.#body) };
  }
}

interface Head {
  status: number;
  headers: Record<string, string>;
  /** Bytes of the body, or how its end is marked. */
  length: number | "chunked" | "until closed";
  leavesSocketOpen: boolean;
}

function headOf(text: string): Head {
  const [first = "", ...lines] = text.split("\r\n");
  const [, minor, code] = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: |$)/.exec(first) ?? [];
  if (code === undefined) throw new MalformedResponse("the status line is malformed");
  const values = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).toLowerCase();
    const isMalformed = colon < 1 || /[^!#-'*+.^-z|~\d-]/.test(name) || /[\r\n\0]/.test(line);
    if (isMalformed) throw new MalformedResponse("a header is malformed");
    const value = trimmed(line, colon + 1);
    const earlier = values.get(name);
    values.set(name, earlier === undefined ? value : `${earlier}, ${value}`);
  }
  const headers: Record<string, string> = Object.fromEntries(values);
  const status = Number(code);
  const connection = headers.connection?.toLowerCase() ?? "";
  // HTTP/1.0 has no chunked encoding, so it isn't certain where a chunked body ends.
  const isKeptByOldServer = /\bkeep-alive\b/.test(connection) && headers["transfer-encoding"] === undefined;
  const leavesSocketOpen = minor === "1" ? !/\bclose\b/.test(connection) : isKeptByOldServer;
  return { status, headers, length: lengthOf(status, headers), leavesSocketOpen };
}

/**
 * The rest of a line, without the spaces and tabs around it. Each character stands for a byte, so `trim` would also
 * remove the last byte of a UTF-8 "à", which is a no-break space.
 */
function trimmed(line: string, from: number): string {
  let [start, end] = [from, line.length];
  while (line[start] === " " || line[start] === "\t") start += 1;
  while (end > start && (line[end - 1] === " " || line[end - 1] === "\t")) end -= 1;
  return line.slice(start, end);
}

function chunkSizeIn(line: string): number {
  const [, size] = /^([0-9a-f]{1,8})[ \t]*(?:;.*)?$/i.exec(line) ?? [];
  if (size === undefined) throw new MalformedResponse("the size of a chunk is malformed");
  return Number.parseInt(size, 16);
}

/** https://www.rfc-editor.org/rfc/rfc9112#section-6.3 */
function lengthOf(status: number, headers: Record<string, string>): Head["length"] {
  if (status === 204 || status === 304) return 0;
  const encoding = headers["transfer-encoding"];
  const length = headers["content-length"];
  if (encoding !== undefined) {
    if (length !== undefined) throw new MalformedResponse("the response has a content length and a transfer encoding");
    if (encoding.toLowerCase() !== "chunked") throw new MalformedResponse("the transfer encoding is unknown");
    return "chunked";
  }
  if (length === undefined) return "until closed";
  // A repeated header is acceptable if its values are equal.
  const [value = "", ...others] = length.split(", ");
  if (!/^\d{1,15}$/.test(value) || others.some((other) => other !== value)) {
    throw new MalformedResponse("the content length is malformed");
  }
  return Number(value);
}
