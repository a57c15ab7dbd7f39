import { basename } from "node:path";
import type { Clock } from "../../local/clock.ts";
import { Cloud } from "../../local/cloud.ts";
import { deploy } from "../../local/deploy.ts";
import type { Report } from "../../local/report.ts";

export const REGION = "eu-central-1";

/**
 * Starts a local cloud in this process, so that it has the test's clock, and runs a fixture program in it.
 *
 * @param tsconfig path relative to the folder
 * @returns `deployed` rejects when the program fails
 */
export async function startProgram(
  folder: string,
  tsconfig: string,
  clock: Clock,
  config: Record<string, string> = {},
) {
  const reports: Report[] = [];
  const cloud = await Cloud.start({
    region: REGION,
    programFolder: folder,
    port: 0,
    report: (report) => reports.push(report),
    lifetimes: { idleMs: 600_000, lifetimeMs: 7_200_000 },
    clock,
  });
  const program = {
    folder,
    project: basename(folder),
    stack: "dev",
    main: ".",
    tsconfig,
    config: { "aws:region": REGION, ...config },
  };
  return { cloud, reports, deployed: deploy(program, cloud) };
}
