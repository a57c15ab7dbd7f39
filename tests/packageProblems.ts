/** Problems that users would find with a package: its entry points (publint) and its types (attw). */
import { readFile } from "node:fs/promises";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";

/**
 * @param folder of the unpacked package
 * @param tarball as it was packed
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

/** `moduleResolution: node10` doesn't know `exports`; it is deprecated and gone from TypeScript 7. */
function isReal(problem: object): boolean {
  return !("resolutionKind" in problem && problem.resolutionKind === "node10");
}
