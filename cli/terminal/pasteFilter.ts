/**
 * Input of a terminal that marks pasted text (DEC mode 2004). Typed text passes through unchanged; a pasted block is
 * reported as one piece, so that its line breaks don't submit it.
 */
import { Transform, type TransformCallback } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import type { ReadStream } from "node:tty";

export const ENABLE_BRACKETED_PASTE = "\x1b[?2004h";
export const DISABLE_BRACKETED_PASTE = "\x1b[?2004l";

const PASTE_START = "\x1b[200~";
const PASTE_END = "\x1b[201~";

/**
 * If nothing follows an escape character within this time, it is the Escape key, not the beginning of a marker.
 * Readline waits as long.
 */
const ESCAPE_MS = 500;

export class PasteFilter extends Transform {
  readonly isTTY = true;
  readonly #terminal: ReadStream;
  readonly #onPaste: (text: string) => void;
  readonly #decoder = new StringDecoder("utf8");
  /** Held input: possibly the beginning of a marker, or a block whose end hasn't arrived. */
  #held = "";
  #isPasting = false;
  #escapeTimer: NodeJS.Timeout | undefined;

  constructor(terminal: ReadStream, onPaste: (text: string) => void) {
    super();
    this.#terminal = terminal;
    this.#onPaste = onPaste;
    terminal.pipe(this);
  }

  /** Called by Readline, which sets the mode of its input. */
  setRawMode(isRaw: boolean): this {
    this.#terminal.setRawMode(isRaw);
    return this;
  }

  override _transform(chunk: Buffer, _: BufferEncoding, done: TransformCallback): void {
    clearTimeout(this.#escapeTimer);
    this.#held += this.#decoder.write(chunk);
    while (this.#takePiece());
    if (this.#held === "\x1b") this.#escapeTimer = setTimeout(() => this.#pass(1), ESCAPE_MS).unref();
    done();
  }

  /** @returns whether the held input may contain another piece */
  #takePiece(): boolean {
    const marker = this.#isPasting ? PASTE_END : PASTE_START;
    const at = this.#held.indexOf(marker);
    if (at === -1) {
      if (!this.#isPasting) this.#pass(this.#held.length - partOf(marker, this.#held));
      return false;
    }
    if (this.#isPasting) {
      this.#onPaste(this.#held.slice(0, at));
      this.#held = this.#held.slice(at);
    } else this.#pass(at);
    this.#held = this.#held.slice(marker.length);
    this.#isPasting = !this.#isPasting;
    return true;
  }

  #pass(length: number): void {
    if (length > 0) this.push(this.#held.slice(0, length));
    this.#held = this.#held.slice(length);
  }
}

/** @returns length of the longest incomplete start of the marker that the text ends with; 0 if there is none */
function partOf(marker: string, text: string): number {
  for (let length = marker.length - 1; length > 0; length--) if (text.endsWith(marker.slice(0, length))) return length;
  return 0;
}
