/**
 * Kills `pulumi up` at random moments. The next commands must find, complete and destroy everything that it left
 * behind.
 */
import { describe, expect, test } from "vitest";
import { Chance } from "../checker/chance.ts";
import { smallWorkspace } from "./smallProgram.ts";
import { SKIPPED, Workspace } from "./workspace.ts";

/** Number of kills with the small program; `nightly` means 20, and 3 more with the whole program. */
const { KILLS = "3" } = process.env;
const IS_NIGHTLY = KILLS === "nightly";
const POINTS = IS_NIGHTLY ? 20 : Number(KILLS);
const SEED = Number(process.env.KILLS_SEED || Date.now() % 1_000_000);

if (SKIPPED !== undefined) console.warn(SKIPPED);
else console.log(`kills of up: KILLS_SEED=${SEED}${IS_NIGHTLY ? "" : "; the whole program with KILLS=nightly"}`);

/** Types of the resources that the commands printed by `npm run up` delete, by the option that names the resource. */
const DELETED: Record<string, string> = {
  "role-name": "aws:iam/role:Role",
  "table-name": "aws:dynamodb/table:Table",
  "log-group-name": "aws:cloudwatch/logGroup:LogGroup",
  "function-name": "aws:lambda/function:Function",
};

/** Types for which AWS creates duplicates: an interrupted update and the next one may create one each. */
const NAMED_BY_AWS = [
  ...["aws:apigatewayv2/api:Api", "aws:apigatewayv2/authorizer:Authorizer", "aws:apigatewayv2/deployment:Deployment"],
  ...["aws:apigatewayv2/integration:Integration", "aws:apigatewayv2/routeResponse:RouteResponse"],
  ...["aws:cloudfront/distribution:Distribution", "aws:cognito/userPool:UserPool"],
  "aws:cognito/userPoolClient:UserPoolClient",
];

describe.skipIf(SKIPPED !== undefined)("a `pulumi up` that is killed at random moments", () => {
  test(
    `is completed and destroyed without leftovers, ${POINTS} times with a small program`,
    async () => {
      await killTimes(await smallWorkspace(), POINTS, 100);
    },
    POINTS * 40_000,
  );

  test.runIf(IS_NIGHTLY)(
    "is completed and destroyed without leftovers, 3 times with the whole program",
    async () => {
      await killTimes(await Workspace.make({ savesEachStep: true }), 3, 20);
    },
    1_200_000,
  );
});

async function killTimes(workspace: Workspace, points: number, creatingMs: number): Promise<void> {
  const chance = new Chance(SEED);
  try {
    await workspace.pulumi("stack", "init", "dev");
    workspace.creatingMs = creatingMs;
    const { ranMs: takesMs } = await workspace.killUp("dev", Number.POSITIVE_INFINITY);
    await destroyAll(workspace);
    let killed = 0;
    for (let point = 0; point < points; point += 1) {
      // No kill comes in the last part of this time: the engine is shutting down, and all resources exist.
      const afterMs = Math.round(chance.of("point", point).between(0, takesMs * 0.8));
      const { wasKilled } = await workspace.killUp("dev", afterMs);
      if (wasKilled) killed += 1;
      await recover(workspace, `killed ${afterMs} ms after its first resource (of ${takesMs} ms), KILLS_SEED=${SEED}`);
    }
    expect(killed).toBeGreaterThan(0);
  } finally {
    await workspace.end();
  }
}

/** Follows the steps of docs/deploy.md and checks that they succeed. */
async function recover(workspace: Workspace, killed: string): Promise<void> {
  await workspace.pulumi("cancel", "--yes", "--stack", "dev").catch((error: Error) => {
    // The command was killed before it took the lock, or after it had released it.
    if (!/no locks|not.*locked|nothing to cancel/i.test(error.message)) throw error;
  });
  const made = await workspace.npmRun("up", "--stack", "dev", "--yes", "--skip-preview");
  if (made.code !== 0) {
    expect(made.said, killed).toContain("AlreadyExists");
    deleteWhatIsNamed(workspace, made.said);
    const again = await workspace.operate("up", "dev");
    expect(again.code, `${killed}\n${made.said}\n${again.said}`).toBe(0);
  }
  const clear = ["refresh", "--clear-pending-creates", "--yes", "--skip-preview", "--stack", "dev"];
  if (made.said.includes("--clear-pending-creates")) await workspace.pulumi(...clear);
  const { deployment } = await workspace.export("dev");
  expect(deployment, killed).not.toHaveProperty("pending_operations");
  await destroyAll(workspace, killed);
}

async function destroyAll(workspace: Workspace, killed = "not killed"): Promise<void> {
  const { code, said } = await workspace.operate("destroy", "dev");
  expect(code, `${killed}\n${said}`).toBe(0);
  const isNamedByUs = ({ type }: { type: string }) => !NAMED_BY_AWS.includes(type);
  expect({ killed, left: workspace.account.all().filter(isNamedByUs) }).toEqual({ killed, left: [] });
  // AWS chose the names of the remaining resources. A person deletes them with the commands that `npm run up` prints.
  for (const { type, key } of workspace.account.all()) workspace.account.remove(type, key);
}

/** Runs the `aws` commands that `npm run up` has printed. */
function deleteWhatIsNamed({ account }: Workspace, said: string): void {
  for (const [, option = "", name = ""] of said.matchAll(/^ {2}aws \S+ delete-\S+ --(\S+) (\S+)$/gm)) {
    const type = DELETED[option];
    if (type === undefined) throw new Error(`the test doesn't know what --${option} deletes`);
    account.remove(type, name);
  }
}
