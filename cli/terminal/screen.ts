/** A terminal in which lines come from above while a person types below. */
import { clearScreenDown, createInterface, cursorTo, type Interface, moveCursor } from "node:readline";
import { styleText } from "node:util";

export class Screen {
  readonly #terminal: Interface;

  constructor(prompt: string) {
    this.#terminal = createInterface({ input: process.stdin, output: process.stdout, prompt });
    this.#terminal.prompt();
  }

  /** Calls with each line that a person has entered. */
  onLine(listener: (line: string) => void): void {
    this.#terminal.on("line", (line) => {
      this.#terminal.prompt();
      if (line.trim() !== "") listener(line);
    });
  }

  /** Calls when the person leaves. */
  onClose(listener: () => void): void {
    this.#terminal.on("close", listener);
  }

  setPrompt(prompt: string): void {
    this.#terminal.setPrompt(prompt);
    this.#terminal.prompt(true);
  }

  /** Prints above the line that is being typed, which stays as it is. */
  print(text: string): void {
    if (process.stdout.isTTY) {
      // The line may be wider than the terminal: up to its first row, and everything below goes.
      moveCursor(process.stdout, 0, -this.#terminal.getCursorPos().rows);
      cursorTo(process.stdout, 0);
      clearScreenDown(process.stdout);
    }
    console.log(text);
    // Readline would go up again by the rows that it thinks are above the cursor.
    (this.#terminal as unknown as { prevRows: number }).prevRows = 0;
    this.#terminal.prompt(true);
  }

  /** The same for what is no message. */
  note(text: string): void {
    this.print(styleText("dim", text, { stream: process.stdout }));
  }

  close(): void {
    this.#terminal.close();
  }
}
