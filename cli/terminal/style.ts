import { styleText } from "node:util";

/** Styles text for a terminal. Files and pipes get plain text, whatever the environment says about colors. */
export function styled(style: "bold" | "dim", text: string): string {
  return process.stdout.isTTY ? styleText(style, text, { stream: process.stdout }) : text;
}
