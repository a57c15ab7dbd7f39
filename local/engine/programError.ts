/** A program's error without what its author cannot change: the frames of Node, of Pulumi and of this runner. */
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
