import { accessSync, constants } from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { delimiter, join, sep } from "node:path";

const packageOfPulumi = createRequire(import.meta.url).resolve("pulumi/package.json");

/** Version of the npm package `pulumi`, and thus of this project's CLI. */
export const PULUMI_VERSION: string = createRequire(import.meta.url)(packageOfPulumi).version;

/** How to install the Pulumi CLI if it is missing. */
export const HOW_TO_INSTALL = `"npx pulumi version" fetches ${PULUMI_VERSION}; or install one from https://www.pulumi.com/docs/install/ and put it on PATH`;

/**
 * Path of the Pulumi CLI on this machine: the one that the npm package has fetched, otherwise the one on PATH. Nothing
 * is downloaded.
 *
 * @returns undefined if there is neither
 */
export function findPulumi(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const home = env.PULUMI_HOME || join(homedir(), ".pulumi");
  const folders = [
    join(home, "versions", env.PULUMI_VERSION || PULUMI_VERSION, "bin"),
    // In node_modules/.bin there is only the npm package's launcher, not the CLI.
    ...(env.PATH ?? "").split(delimiter).filter((folder) => !folder.includes(`node_modules${sep}.bin`)),
  ];
  const name = process.platform === "win32" ? "pulumi.exe" : "pulumi";
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
