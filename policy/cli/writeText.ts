import { writeFileSync } from "node:fs";
import { InputError, reasonOf } from "./inputError.ts";

/**
 * Writes a file that an option names.
 *
 * @param option such as `--json`
 * @throws InputError naming the option, the file and the reason
 */
export function writeText(option: string, file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new InputError(
      `${option}: ${file} can't be written: ${reasonOf(error)}; give a file in an existing folder that you may write to`,
    );
  }
}
