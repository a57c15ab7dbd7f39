/** Problems that users would find with a package: its entry points (publint) and its types (attw). */
import { readFile } from "node:fs/promises";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";

/**
 * Checks a package, and returns the problems found.
 *
 * @param folder folder of the unpacked package
 * @param tarball path of the packed file
 */
export async function packageProblems(folder: string, tarball: string): Promise<string[]> {
  const { messages, pkg } = await publint({ pkgDir: folder, strict: true });
  const checked = await checkPackage(createPackageFromTarballData(new Uint8Array(await readFile(tarball))));
  const typeProblems = checked.types === false ? ["it has no types"] : checked.problems.filter(isReal);
  return [
    ...messages.map((message) => formatMessage(message, pkg) ?? message.code),
    ...typeProblems.map((problem) => JSON.stringify(problem)),
  ];
}

/**
 * Ignores `moduleResolution: node10`, which doesn't support `exports`, and is deprecated and removed from TypeScript 7.
 */
function isReal(problem: object): boolean {
  return !("resolutionKind" in problem && problem.resolutionKind === "node10");
}
