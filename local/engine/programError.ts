/** Removes the stack frames of Node, Pulumi and this runner from a program's error. */
import { stripVTControlCharacters } from "node:util";

const RUNNER = /[\\/]node_modules[\\/]|[\\/]local[\\/]engine[\\/]|\bnode:|<anonymous>\)?$/;

/** A line of a stack trace, or of the list of those that required a file. */
const FRAME = /^(\s+at |- |\s+')/;

/** @param message as Pulumi logs it, with a stack trace */
export function programError(message: string): string {
  const isOurs = (line: string) => {
    // Node paints its own frames gray.
    const text = stripVTControlCharacters(line);
    return FRAME.test(text) && RUNNER.test(text);
  };
  return message
    .split("\n")
    .filter((line) => !isOurs(line))
    .join("\n")
    .trimEnd();
}
