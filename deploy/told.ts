/** Messages that `bootstrap` prints before and after its changes. */

import type { ChangeSet } from "./changeSets.ts";
import { isRemoved, nameOf } from "./confirm.ts";
import {
  boundaryArn,
  ciRoleArn,
  deployRole,
  keyAlias,
  logsRole,
  type Place,
  planEnvironment,
  planRole,
  previewRole,
  type Stack,
  secretsProvider,
  stateBucket,
  stateUrl,
} from "./place.ts";
import type { Shared } from "./templates/shared.ts";

/** Describes what will exist in the account afterward. */
export function plan(place: Place, { makeGithubProvider, setLogsRole }: Shared): string {
  return `In the account ${place.account}, Region ${place.region}, these resources will exist afterward:

  state       bucket ${stateBucket(place)}: versioned, encrypted, TLS only, private
  trust       ${makeGithubProvider ? "GitHub as an identity provider" : "GitHub is already an identity provider: it stays as it is"}
  logs        ${
    setLogsRole
      ? `role ${logsRole(place)}, which all API Gateway APIs here use to write their logs`
      : "API Gateway already has a role for its logs: it stays as it is"
  }
${place.stacks.map((stack) => stackPlan(place, stack)).join("\n")}
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

function stackPlan(place: Place, stack: Stack): string {
  if (stack.isForPullRequests)
    return `  deploy      role ${deployRole(place, stack)}, for the environment "${stack.name}" of ${place.repository}
              resources named or tagged as a pull request's: ${place.project}-pr-…
  secrets     key ${keyAlias(place, stack)}
  boundary    for every role of these stacks: ${boundaryArn(place, stack)}
`;
  const preview = stack.isDevelopment
    ? `  preview     role ${previewRole(place)}, for pull requests of ${place.repository}: reads the state of ${stack.name}\n`
    : "";
  return `${preview}  plan        role ${planRole(place, stack)}, for the environment "${planEnvironment(stack)}": reads the stack
  deploy      role ${deployRole(place, stack)}, for the environment "${stack.name}" of ${place.repository}
              ${reach("API", stack.apiId)}, ${reach("user pool", stack.userPoolId)}, ${reach("distribution", stack.distributionId)}
  secrets     key ${keyAlias(place, stack)}
  boundary    for every role of the stack: ${boundaryArn(place, stack)}
`;
}

function reach(what: string, id: string | undefined): string {
  return id === undefined ? `no ${what} yet` : `the ${what} ${id}`;
}

/** Prints the commands to run next. */
export function nextSteps(place: Place): string {
  const stacks = place.stacks.filter(({ isForPullRequests }) => !isForPullRequests);
  const isNew = stacks.some(({ apiId }) => apiId === undefined);
  return `Next, for ${stacks.length === 1 ? "the stack" : "each stack"}:
${stacks.map((stack) => stackSteps(place, stack)).join("")}${
  isNew
    ? `
Then run this command again, so that the deploy roles get permissions for the API, the user pool and the distribution, which AWS
has named by then.
`
    : ""
}
On GitHub, once the environments exist:

  gh variable set AWS_REGION --body '${place.region}'
  gh variable set STATE_BUCKET --body '${stateBucket(place)}'
${place.stacks
  .flatMap((stack) => [
    ...(stack.isDevelopment
      ? [`  gh variable set AWS_PREVIEW_ROLE --body '${ciRoleArn(place, previewRole(place))}'`]
      : []),
    ...(stack.isForPullRequests
      ? [`  gh variable set AWS_BOUNDARY --env ${stack.name} --body '${boundaryArn(place, stack)}'`]
      : [
          `  gh variable set AWS_PLAN_ROLE --env ${planEnvironment(stack)} --body '${ciRoleArn(place, planRole(place, stack))}'`,
        ]),
    `  gh variable set AWS_DEPLOY_ROLE --env ${stack.name} --body '${ciRoleArn(place, deployRole(place, stack))}'`,
  ])
  .join("\n")}

docs/deploy.md describes all steps.
`;
}

function stackSteps(place: Place, stack: Stack): string {
  const { name } = stack;
  return `
  npx pulumi login '${stateUrl(place, stack)}'
  npx pulumi stack init ${name} --secrets-provider '${secretsProvider(place, stack)}'
  npx pulumi config set permissionsBoundary '${boundaryArn(place, stack)}' --stack ${name}
  npx pulumi config set apiGatewayAccount existing --stack ${name}
  npm run up -- --stack ${name}
`;
}
