/** Messages that `bootstrap` prints before and after its changes. */

import type { ChangeSet } from "./changeSets.ts";
import { isRemoved, nameOf } from "./confirm.ts";
import {
  boundaryArn,
  ciRoleArn,
  deployRole,
  keyAlias,
  logsRole,
  planEnvironment,
  planRole,
  previewRole,
  type Stack,
  secretsProvider,
  stateBucket,
  stateUrl,
  type Target,
} from "./target.ts";
import type { Shared } from "./templates/shared.ts";

/** Describes what will exist in the account afterward. */
export function plan(target: Target, { makeGithubProvider, setLogsRole }: Shared): string {
  return `In the account ${target.account}, Region ${target.region}, these resources will exist afterward:

  state       bucket ${stateBucket(target)}: versioned, encrypted, TLS only, private
  trust       ${makeGithubProvider ? "GitHub as an identity provider" : "GitHub is already an identity provider: it stays as it is"}
  logs        ${
    setLogsRole
      ? `role ${logsRole(target)}, which all API Gateway APIs here use to write their logs`
      : "API Gateway already has a role for its logs: it stays as it is"
  }
${target.stacks.map((stack) => stackPlan(target, stack)).join("\n")}
These cost money: each key 1 USD a month, and the bucket's storage.
`;
}

/** Describes what CloudFormation will do, one line per resource. */
export function changesToCome(changeSets: ChangeSet[]): string {
  return changeSets
    .map(({ stack, isNew, changes }) => {
      const lines = changes.map((change) => {
        const sign = { Add: "+", Modify: "~", Remove: "-" }[change.action];
        const fate = isRemoved(change)
          ? `   ${nameOf(change)} is ${change.action === "Remove" ? "removed" : "replaced"}`
          : "";
        return `  ${sign} ${change.id.padEnd(24)} ${change.type}${fate}\n`;
      });
      const heading = `CloudFormation stack ${stack}${isNew ? " (new)" : ""}`;
      return `${heading}${changes.length === 0 ? ": nothing changes\n" : `:\n${lines.join("")}`}`;
    })
    .join("\n");
}

function stackPlan(target: Target, stack: Stack): string {
  if (stack.isForPullRequests)
    return `  deploy      role ${deployRole(target, stack)}, for the environment "${stack.name}" of ${target.repository}
              resources named or tagged as a pull request's: ${target.project}-pr-…
  secrets     key ${keyAlias(target, stack)}
  boundary    for every role of these stacks: ${boundaryArn(target, stack)}
`;
  const preview = stack.isDevelopment
    ? `  preview     role ${previewRole(target)}, for pull requests of ${target.repository}: reads the state of ${stack.name}\n`
    : "";
  return `${preview}  plan        role ${planRole(target, stack)}, for the environment "${planEnvironment(stack)}": reads the stack
  deploy      role ${deployRole(target, stack)}, for the environment "${stack.name}" of ${target.repository}
              ${reach("API", stack.apiId)}, ${reach("user pool", stack.userPoolId)}, ${reach("distribution", stack.distributionId)}
  secrets     key ${keyAlias(target, stack)}
  boundary    for every role of the stack: ${boundaryArn(target, stack)}
`;
}

function reach(what: string, id: string | undefined): string {
  return id === undefined ? `no ${what} yet` : `the ${what} ${id}`;
}

/** Prints the commands to run next. */
export function nextSteps(target: Target): string {
  const stacks = target.stacks.filter(({ isForPullRequests }) => !isForPullRequests);
  const isNew = stacks.some(({ apiId }) => apiId === undefined);
  return `Next, for ${stacks.length === 1 ? "the stack" : "each stack"}:
${stacks.map((stack) => stackSteps(target, stack)).join("")}${
  isNew
    ? `
Then run this command again, to give the deploy roles permissions for the API, the user pool and the distribution: AWS
chooses their ids in the first "up".
`
    : ""
}
On GitHub, once the environments exist:

  gh variable set AWS_REGION --body '${target.region}'
  gh variable set STATE_BUCKET --body '${stateBucket(target)}'
${target.stacks
  .flatMap((stack) => [
    ...(stack.isDevelopment
      ? [`  gh variable set AWS_PREVIEW_ROLE --body '${ciRoleArn(target, previewRole(target))}'`]
      : []),
    ...(stack.isForPullRequests
      ? [`  gh variable set AWS_BOUNDARY --env ${stack.name} --body '${boundaryArn(target, stack)}'`]
      : [
          `  gh variable set AWS_PLAN_ROLE --env ${planEnvironment(stack)} --body '${ciRoleArn(target, planRole(target, stack))}'`,
        ]),
    `  gh variable set AWS_DEPLOY_ROLE --env ${stack.name} --body '${ciRoleArn(target, deployRole(target, stack))}'`,
  ])
  .join("\n")}

docs/deploy.md describes all steps.
`;
}

function stackSteps(target: Target, stack: Stack): string {
  const { name } = stack;
  return `
  npx pulumi login '${stateUrl(target, stack)}'
  npx pulumi stack init ${name} --secrets-provider '${secretsProvider(target, stack)}'
  npx pulumi config set permissionsBoundary '${boundaryArn(target, stack)}' --stack ${name}
  npx pulumi config set apiGatewayAccount existing --stack ${name}
  npm run up -- --stack ${name}
`;
}
