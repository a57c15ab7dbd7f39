/** A terminal in which messages appear above the line that a person is typing. */
import { clearScreenDown, createInterface, cursorTo, type Interface, moveCursor } from "node:readline";
import { DISABLE_BRACKETED_PASTE, ENABLE_BRACKETED_PASTE, PasteFilter } from "./pasteFilter.ts";
import { styled } from "./style.ts";

/** Shown in place of a line break in the line being typed. */
const LINE_BREAK_SYMBOL = "␤";

/** A line of input. */
export interface EnteredLine {
  text: string;
  /** Whether the line begins with pasted text; then it is never a command. */
  isPasted: boolean;
}

export class Screen {
  readonly #terminal: Interface;
  readonly #isTerminal = process.stdin.isTTY && process.stdout.isTTY && process.env.TERM !== "dumb";
  /** The first word of a line that begins with pasted text. */
  #pastedWord: string | undefined;
  #hasPastedBreaks = false;
  #isClosed = false;

  constructor(prompt: string) {
    const input = this.#isTerminal ? new PasteFilter(process.stdin, (text) => this.#paste(text)) : process.stdin;
    this.#terminal = createInterface({ input, output: process.stdout, prompt });
    if (this.#isTerminal) process.stdout.write(ENABLE_BRACKETED_PASTE);
    this.#terminal.on("close", () => this.#leave());
    this.#terminal.prompt();
  }

  /** Calls back with each line that the user enters. */
  onLine(listener: (line: EnteredLine) => void): void {
    this.#terminal.on("line", (line) => {
      const isPasted = this.#pastedWord !== undefined && line.startsWith(this.#pastedWord);
      const text = this.#hasPastedBreaks ? line.replaceAll(LINE_BREAK_SYMBOL, "\n") : line;
      this.#pastedWord = undefined;
      this.#hasPastedBreaks = false;
      this.#terminal.prompt();
      if (text.trim() !== "") listener({ text, isPasted });
    });
  }

  /** Calls back when the user exits. */
  onClose(listener: () => void): void {
    this.#terminal.on("close", listener);
  }

  setPrompt(prompt: string): void {
    if (this.#isClosed) return;
    this.#terminal.setPrompt(prompt);
    this.#terminal.prompt(true);
  }

  /** Prints above the line being typed, which stays as it is. */
  print(text: string): void {
    if (this.#isClosed) {
      console.log(text);
      return;
    }
    this.#clearTypedLine();
    console.log(text);
    // Readline would otherwise move up by the rows that it believes are above the cursor.
    (this.#terminal as unknown as { prevRows: number }).prevRows = 0;
    this.#terminal.prompt(true);
  }

  /** Prints a line that isn't a message. */
  note(text: string): void {
    this.print(styled("dim", text));
  }

  close(): void {
    this.#terminal.close();
  }

  /** Inserts a pasted block into the line, where the user can still change it. */
  #paste(text: string): void {
    const block = text.replace(/[\r\n]+$/, "");
    if (this.#terminal.cursor === 0) this.#pastedWord = /^\S*/.exec(block)?.[0];
    if (/[\r\n]/.test(block)) this.#hasPastedBreaks = true;
    this.#terminal.write(block.replaceAll(/\r\n|\r|\n/g, LINE_BREAK_SYMBOL));
  }

  /** Leaves the cursor at the beginning of an empty line, for the shell's prompt or the last output. */
  #leave(): void {
    this.#isClosed = true;
    if (this.#isTerminal) process.stdout.write(DISABLE_BRACKETED_PASTE);
    this.#clearTypedLine();
  }

  #clearTypedLine(): void {
    if (!process.stdout.isTTY) return;
    // The line may be wider than the terminal, so this clears from its first row on.
    moveCursor(process.stdout, 0, -this.#terminal.getCursorPos().rows);
    cursorTo(process.stdout, 0);
    clearScreenDown(process.stdout);
  }
}
