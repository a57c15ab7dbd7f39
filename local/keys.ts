/** Handles key presses in the terminal that `npm start` runs in. */
import type { ReadStream } from "node:tty";

const HELP = `r  restart, with empty tables unless --data keeps them
c  clear the tables
q  quit
h  show this
`;

export interface Keys {
  /**
   * Waits for y or n.
   *
   * @param cancelled withdraws the question, which counts as n
   */
  ask(cancelled: AbortSignal): Promise<boolean>;
}

/** @param on handlers by key; Ctrl-C also runs `quit` */
export function readKeys(
  terminal: ReadStream,
  show: (text: string) => void,
  on: { restart(): void; clear(): void; quit(): void },
): Keys {
  let answer: ((yes: boolean) => void) | undefined;
  terminal.setRawMode(true);
  // The terminal must not keep the process alive.
  terminal.unref();
  terminal.setEncoding("utf8").on("data", (keys: string) => {
    for (const key of keys.toLowerCase()) {
      if (key === "q" || key === "\u0003" || key === "\u0004") on.quit();
      else if (answer !== undefined && (key === "y" || key === "n")) answer(key === "y");
      else if (key === "r") on.restart();
      else if (key === "c") on.clear();
      else if (key === "h") show(HELP);
    }
  });
  process.once("exit", () => terminal.setRawMode(false));
  return {
    ask: (cancelled) =>
      new Promise((resolve) => {
        answer = (yes) => {
          answer = undefined;
          resolve(yes);
        };
        cancelled.addEventListener("abort", () => answer?.(false), { once: true });
      }),
  };
}
