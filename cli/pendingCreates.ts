/**
 * Resources that an interrupted update was creating. The state keeps them in a list, even after a later update has
 * created them.
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

export interface PendingCreate {
  /** Whether a later update has created the resource, so that it belongs to the stack. */
  isInState: boolean;
  type: string;
  inputs: Record<string, unknown>;
}

/** The state as the CLI exports it. */
interface Deployment {
  resources?: { urn: string }[];
  pending_operations?: { type: string; resource: { urn: string; type: string; inputs?: PendingCreate["inputs"] } }[];
}

/**
 * @param pulumi the CLI
 * @returns an empty list if the state can't be read: the preceding command has then failed, too, and explained why
 */
export async function pendingCreates(pulumi: string, stack: string): Promise<PendingCreate[]> {
  try {
    const { stdout } = await promisify(execFile)(pulumi, ["stack", "export", "--stack", stack], {
      maxBuffer: Number.POSITIVE_INFINITY,
    });
    const { pending_operations = [], resources = [] } = JSON.parse(stdout).deployment as Deployment;
    const known = new Set(resources.map(({ urn }) => urn));
    return pending_operations
      .filter(({ type }) => type === "creating")
      .map(({ resource: { urn, type, inputs = {} } }) => ({ isInState: known.has(urn), type, inputs }));
  } catch {
    return [];
  }
}

/** Instructions for resources that an interrupted update was creating. */
export function howToClear(pending: PendingCreate[], stack: string): string {
  const clear = `npx pulumi refresh --clear-pending-creates --stack ${stack}`;
  const unknown = pending.filter(({ isInState }) => !isInState);
  const twice = commandsFor(LOOKUPS, pending);
  const parts = [
    unknown.length === 0
      ? `The state still lists resources that an interrupted update of "${stack}" was creating. All of them exist now.`
      : `An update of "${stack}" was interrupted while it created ${unknown.length} resources that the state doesn't know.
If AWS reports above that one of them exists already, delete it, and run this again. None of them contains data yet:
${commandsFor(COMMANDS, unknown).join("\n")}`,
    ...(twice.length === 0
      ? []
      : [
          `AWS chooses the ids of these, so they may exist twice. If a command prints two ids, delete the one that is in no stack's state:
${twice.join("\n")}`,
        ]),
    `${unknown.length === 0 ? "Remove them from the state" : "Once an update has succeeded, remove the interrupted creations from the state"}:
  ${clear}`,
  ];
  return parts.join("\n");
}

function commandsFor(commands: typeof COMMANDS, pending: PendingCreate[]): string[] {
  return [...new Set(pending.flatMap(({ type, inputs }) => commands[type]?.(inputs) ?? []))].map((line) => `  ${line}`);
}

type Inputs = PendingCreate["inputs"];

/**
 * Commands that delete a resource, for the types whose resources must have unique names in AWS. For other types, AWS
 * creates a second resource or returns the existing one.
 */
const COMMANDS: Record<string, (inputs: Inputs) => string> = {
  "aws:apigatewayv2/route:Route": ({ apiId, routeKey }) =>
    `aws apigatewayv2 delete-route --api-id ${apiId} --route-id $(aws apigatewayv2 get-routes --api-id ${apiId} ` +
    `--query 'Items[?RouteKey==\`${routeKey}\`].RouteId' --output text)`,
  "aws:apigatewayv2/stage:Stage": ({ apiId, name }) =>
    `aws apigatewayv2 delete-stage --api-id ${apiId} --stage-name ${name}`,
  "aws:cloudwatch/logGroup:LogGroup": ({ name }) => `aws logs delete-log-group --log-group-name ${name}`,
  "aws:cognito/userPoolDomain:UserPoolDomain": ({ domain, userPoolId }) =>
    `aws cognito-idp delete-user-pool-domain --domain ${domain} --user-pool-id ${userPoolId}`,
  "aws:dynamodb/table:Table": ({ name }) => `aws dynamodb delete-table --table-name ${name}`,
  "aws:iam/role:Role": ({ name }) => `aws iam delete-role --role-name ${name}`,
  "aws:lambda/function:Function": ({ name }) => `aws lambda delete-function --function-name ${name}`,
};

/** Commands that print a resource's ids, for the types of which AWS creates a second resource with the same name. */
const LOOKUPS: typeof COMMANDS = {
  "aws:apigatewayv2/api:Api": ({ name }) =>
    `aws apigatewayv2 get-apis --query "Items[?Name=='${name}'].ApiId" --output text`,
  "aws:cloudfront/distribution:Distribution": ({ comment }) =>
    `aws cloudfront list-distributions --query "DistributionList.Items[?Comment=='${comment}'].Id" --output text`,
  "aws:cognito/userPool:UserPool": ({ name }) =>
    `aws cognito-idp list-user-pools --max-results 60 --query "UserPools[?Name=='${name}'].Id" --output text`,
};
