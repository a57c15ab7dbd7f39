/** Parses the text of an input. */
import { extname } from "node:path";
import { parse } from "yaml";
import { InputError, UnrelatedFile } from "./inputError.ts";

/**
 * Decodes a file.
 *
 * @throws InputError for any encoding other than UTF-8
 */
export function decoded(file: string, bytes: Buffer): string {
  const isUtf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  if (isUtf16 || bytes.includes(0))
    throw new InputError(`${file} can't be read: it isn't UTF-8 text; save it as UTF-8`);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new InputError(`${file} can't be read: it isn't UTF-8 text; save it as UTF-8`);
  }
}

/**
 * Parses JSON or YAML. A file whose name ends in `.json` has to be JSON: the YAML parser would also read comments and
 * trailing commas, which IAM rejects.
 *
 * @param isRelevant whether a value is a document, a template or a stack
 * @throws UnrelatedFile if the text can't be parsed, but seems to have nothing to do with IAM
 * @throws InputError for any other text that can't be parsed
 */
export function parsed(file: string, text: string, isRelevant: (value: unknown) => boolean): unknown {
  const isJson = extname(file) === ".json";
  let value: unknown;
  try {
    value = parse(text, { logLevel: "error" });
  } catch (error) {
    const message = `${file} is neither JSON nor YAML: ${firstLine(error)}`;
    // Templates of other tools, such as Helm charts, often aren't YAML, and configurations have comments.
    const isOther = isJson ? COMMENT.test(text) : true;
    throw isOther && !MENTIONS_IAM.test(text) ? new UnrelatedFile(message) : new InputError(message);
  }
  if (!isJson) return value;
  try {
    JSON.parse(text);
  } catch (error) {
    const message = `${file} isn't JSON, although its name ends in .json: ${inOneLine(error)}; IAM accepts neither comments nor trailing commas`;
    throw isRelevant(value) || MENTIONS_IAM.test(text) ? new InputError(message) : new UnrelatedFile(message);
  }
  return value;
}

const COMMENT = /(^|\s)\/[/*]/;
const MENTIONS_IAM = /\b(Statement|Resources|PolicyDocument|Effect|AWS)\b/;

/** The first line of a message of the YAML parser. The others show the text. */
function firstLine(error: unknown): string {
  return ((error as Error).message.split("\n")[0] as string).replace(/:$/, "");
}

/** A message of the JSON parser, which can quote several lines of the text. */
export function inOneLine(error: unknown): string {
  return (error as Error).message.replace(/\s+/g, " ");
}
