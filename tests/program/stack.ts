/** The resources that the program in the repository's root registers for a stack. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Registration } from "../../local/engine/monitor.ts";
import { type Previewed, preview } from "../../local/preview.ts";
import { readProject, readStackConfig } from "../../stack/stackFiles.ts";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

// biome-ignore lint/suspicious/noExplicitAny: each type of resource has its own inputs
export type Inputs = Record<string, any>;

/**
 * Runs the program for a stack, and returns the resources that it registers.
 *
 * @param config values in addition to those in the stack's file
 * @throws ProgramFailed with the program's error as its cause
 */
export async function previewStack(
  stack: string,
  config: Record<string, string> = {},
  folder = ROOT,
): Promise<Previewed> {
  const { name, main, tsconfig } = await readProject(folder);
  const { values } = await readStackConfig(folder, name, stack);
  return preview({ folder, project: name, stack, main, tsconfig, config: { ...values, ...config } });
}

/** The resources of a type, by their name in the program. */
export function ofType(registrations: Registration[], type: string): Map<string, Inputs> {
  return new Map(
    registrations.filter((registration) => registration.type === type).map(({ name, inputs }) => [name, inputs]),
  );
}

/** The code in a function's archive. @param folder folder of the program */
export function codeOf(lambda: Inputs, folder = ROOT): string {
  return readFileSync(resolve(folder, lambda.code.assets["index.js"].path), "utf8");
}
