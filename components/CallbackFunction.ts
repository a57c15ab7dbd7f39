import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { bundleCallback } from "../callbacks/bundle";
import features from "../iam/function-features.json";
import type { Grant, GrantsFor, Statement, Uses } from "./grant";
import { resourceName, rolePath } from "./names";
import { type Place, placeOf } from "./place";
import type { Queue } from "./Queue";
import { type TaggedArgs, tagsOf } from "./tags";
import { assumableBy } from "./trust";
import { warnOfContraction } from "./warnOfContraction";

/** A handler as Lambda calls it. The event comes from the caller and has not been validated. */
// biome-ignore lint/suspicious/noExplicitAny: the callback itself declares its event and result
export type Callback = (event: any) => Promise<unknown>;

/** Arguments of `CallbackFunction`. @typeParam U operations that the code uses, by environment variable */
export interface CallbackFunctionArgs<U> extends TaggedArgs {
  /**
   * Code that Lambda runs: an async function whose body imports its handler. Captured values must be small and plain;
   * capturing an object with methods fails at preview.
   * @example async (event) => { const { ping } = await import("./handlers/ping.js"); return ping(event); }
   */
  callback: Callback;
  /**
   * Resources that the code uses: each entry becomes an environment variable and the IAM statements for it. The names
   * and operations must equal those of the handler's `Uses` type.
   * @example { CONNECTIONS_TABLE: connections.grant("PutItem") }
   */
  uses: GrantsFor<U>;
  /** Memory in MB, 128 to 10,240; CPU grows with memory. @default 512 */
  memory?: pulumi.Input<number>;
  /** Seconds until an invocation times out. API Gateway itself times out after 29 seconds. @default 10 */
  timeout?: pulumi.Input<number>;
  /** Days to keep log lines. @default 30 */
  logRetentionDays?: pulumi.Input<number>;
  /** Keep the log group when the function is deleted. @default false */
  retainLogs?: boolean;
  /** ARN of the role's permissions boundary, a managed policy. @default none */
  permissionsBoundary?: pulumi.Input<string> | undefined;
  /** Retries and destination of failed asynchronous invocations. @default Lambda's defaults */
  asynchronous?: Asynchronous;
  /** Allow the function to invoke itself in a loop, directly or through others. @default false: Lambda stops loops */
  mayInvokeItself?: boolean;
  /** Concurrent invocations reserved for this function; also its maximum. @default no reservation */
  reservedConcurrency?: pulumi.Input<number> | undefined;
}

/** Settings for events whose asynchronous invocation fails. */
export interface Asynchronous {
  /** Queue that receives an event after its last failed attempt. */
  deadLetters: Queue;
  /** Number of retries, 0 to 2; the first comes after 1 minute, the second after 2 more. @default 2 */
  retries?: pulumi.Input<number>;
  /** Maximum age of an event in seconds, 60 to 21,600; an older one isn't retried. @default 21,600 */
  maxAgeSeconds?: pulumi.Input<number>;
}

/** A grant, without the type of its operations. */
type AnyGrant = Pick<Grant<string>, "value" | "statements" | "namedBy">;

/** A Lambda function made from an inline callback, with its own role and log group. */
export class CallbackFunction<U = Uses> extends pulumi.ComponentResource {
  /** Name of the function, known before the function exists. */
  readonly functionName: string;
  /** The underlying function, for settings that this component doesn't offer. */
  readonly function: aws.lambda.Function;
  readonly #place: Place;
  /** Exists in the type only: functions with different uses have different types. */
  declare readonly uses?: U;

  constructor(name: string, args: CallbackFunctionArgs<U>, opts?: pulumi.ComponentResourceOptions) {
    const functionName = resourceName(name);
    const place = placeOf(opts);
    const tags = tagsOf(args);
    const logGroupName = `/aws/lambda/${functionName}`;
    const grants = Object.entries(args.uses as Record<string, AnyGrant>);
    const statementsOf = (namedBy: "us" | "AWS"): Statement[] =>
      grants.filter(([, grant]) => grant.namedBy === namedBy).flatMap(([, grant]) => grant.statements);
    const logging: Statement = {
      Sid: "Logging",
      Effect: "Allow",
      Action: features.logging,
      Resource: place.arn("logs", `log-group:${logGroupName}:*`),
    };
    const { memory = 512, timeout = 10, logRetentionDays = 30, retainLogs = false } = args;
    const { reservedConcurrency, asynchronous } = args;
    const statements = [logging, ...deadLettersOf(asynchronous), ...statementsOf("us")];
    const statementsOnUnnamed = statementsOf("AWS");
    // The engine and policy packs see the statements here, even while a policy document is still unknown.
    super(
      "chat:index:CallbackFunction",
      name,
      { functionName, statements: [...statements, ...statementsOnUnnamed] },
      opts,
    );
    this.functionName = functionName;
    this.#place = place;

    const logGroup = new aws.cloudwatch.LogGroup(
      name,
      { name: logGroupName, retentionInDays: logRetentionDays, tags },
      { parent: this, deleteBeforeReplace: true, retainOnDelete: retainLogs },
    );
    const role = new aws.iam.Role(
      name,
      {
        name: place.nameWithRegion(name),
        path: rolePath(),
        assumeRolePolicy: assumableBy("lambda.amazonaws.com"),
        // Deletes the role even if an interrupted update has left a policy attached.
        forceDetachPolicies: true,
        tags,
        ...(args.permissionsBoundary === undefined ? {} : { permissionsBoundary: args.permissionsBoundary }),
      },
      { parent: this, deleteBeforeReplace: true },
    );
    const { ofPolicy, ofFunction } = warnOfContraction(this, functionName);
    // Because the policies' names are fixed, the next update overwrites a policy that an interrupted one left behind,
    // instead of creating a second one.
    const policies = [
      new aws.iam.RolePolicy(
        name,
        { name: "uses", role: role.name, policy: documentOf(statements) },
        { parent: this, ...ofPolicy },
      ),
    ];
    if (statementsOnUnnamed.length > 0) {
      const policy = documentOf(statementsOnUnnamed);
      policies.push(
        new aws.iam.RolePolicy(
          `${name}-api`,
          { name: "uses-api", role: role.name, policy },
          { parent: this, ...ofPolicy },
        ),
      );
    }
    this.function = new aws.lambda.Function(
      name,
      {
        name: functionName,
        role: role.arn,
        runtime: "nodejs24.x",
        architectures: ["arm64"],
        handler: "index.handler",
        code: bundleCallback(name, args.callback).then(
          (path) => new pulumi.asset.AssetArchive({ "index.js": new pulumi.asset.FileAsset(path) }),
        ),
        memorySize: memory,
        timeout,
        ...(reservedConcurrency === undefined ? {} : { reservedConcurrentExecutions: reservedConcurrency }),
        ...(asynchronous === undefined ? {} : { deadLetterConfig: { targetArn: asynchronous.deadLetters.arn } }),
        environment: { variables: Object.fromEntries(grants.map(([variable, { value }]) => [variable, value])) },
        loggingConfig: { logFormat: "Text", logGroup: logGroup.name },
        tags,
      },
      { parent: this, deleteBeforeReplace: true, dependsOn: policies, ...ofFunction },
    );
    if (asynchronous !== undefined) {
      const { retries = 2, maxAgeSeconds = 21_600 } = asynchronous;
      new aws.lambda.FunctionEventInvokeConfig(
        name,
        {
          functionName: this.function.name,
          maximumRetryAttempts: retries,
          maximumEventAgeInSeconds: maxAgeSeconds,
        },
        { parent: this },
      );
    }
    if (args.mayInvokeItself) {
      // Lambda stops a function that invokes itself after about 16 invocations in a row.
      new aws.lambda.FunctionRecursionConfig(
        name,
        { functionName: this.function.name, recursiveLoop: "Allow" },
        { parent: this },
      );
    }
    this.registerOutputs({ functionName });
  }

  /** Grants invocation of this function; the environment variable holds the function's name. */
  grant(_: "InvokeFunction"): Grant<"InvokeFunction"> {
    return grantInvoke(this.functionName, this.#place);
  }
}

/**
 * Grants invocation of a function of this stack, which may be the function that receives the grant.
 *
 * @param functionName from {@link resourceName}
 * @param place account and Region of the function
 */
export function grantInvoke(functionName: string, place: Place = placeOf()): Grant<"InvokeFunction"> {
  const Resource = place.arn("lambda", `function:${functionName}`);
  return {
    value: functionName,
    namedBy: "us",
    statements: [{ Effect: "Allow", Action: ["lambda:InvokeFunction"], Resource }],
  };
}

function deadLettersOf(asynchronous: Asynchronous | undefined): Statement[] {
  if (asynchronous === undefined) return [];
  const { arn } = asynchronous.deadLetters;
  return [{ Sid: "DeadLetters", Effect: "Allow", Action: features.deadLetter, Resource: arn }];
}

function documentOf(statements: Statement[]): aws.iam.PolicyDocument {
  return { Version: "2012-10-17", Statement: statements };
}
