/** Removes what Node, Pulumi and this runner add to a program's error, such as their stack frames. */
import { stripVTControlCharacters } from "node:util";

const RUNNER = /[\\/]node_modules[\\/]|[\\/]local[\\/]engine[\\/]|\bnode:|<anonymous>\)?$/;

/** A line of a stack trace, or of a require stack. */
const FRAME = /^(\s+at |- |\s+')/;

/** A line with the error's property in which Pulumi keeps the promise that nobody awaited. */
const PROMISE = /^\s+promise: Promise \{.*\},?$/;

/** @param message a message from Pulumi's log, with a stack trace */
export function programError(message: string): string {
  const kept: string[] = [];
  for (const line of message.split("\n")) {
    // Node colors its own frames gray.
    const text = stripVTControlCharacters(line);
    if (PROMISE.test(text)) continue;
    const opens = text.endsWith(" {");
    if (!FRAME.test(text) || !RUNNER.test(text.replace(/ \{$/, ""))) kept.push(line);
    // The error's properties follow its last frame.
    else if (opens && kept.length > 0) kept.push(`${kept.pop()} {`);
  }
  return kept
    .join("\n")
    .replace(/ \{\n\}$/, "")
    .replace(/<ref \*\d+> /g, "")
    .replace(/error serializing property "[^"]*": /g, "")
    .replace(/(\[[\w:/-]+\]): \d+ [A-Z_]+: /g, "$1: ")
    .trimEnd();
}
