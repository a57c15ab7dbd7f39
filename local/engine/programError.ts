/** Removes the stack frames of Node, Pulumi and this runner from a program's error. */
import { stripVTControlCharacters } from "node:util";

const RUNNER = /[\\/]node_modules[\\/]|[\\/]local[\\/]engine[\\/]|\bnode:|<anonymous>\)?$/;

/** A line of a stack trace, or of a require stack. */
const FRAME = /^(\s+at |- |\s+')/;

/** @param message a message from Pulumi's log, with a stack trace */
export function programError(message: string): string {
  const isOurs = (line: string) => {
    // Node colors its own frames gray.
    const text = stripVTControlCharacters(line);
    return FRAME.test(text) && RUNNER.test(text);
  };
  return message
    .split("\n")
    .filter((line) => !isOurs(line))
    .join("\n")
    .trimEnd();
}
