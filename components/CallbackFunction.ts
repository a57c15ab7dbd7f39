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

/** A handler as Lambda calls it: with an event, which is as the caller made it. */
// biome-ignore lint/suspicious/noExplicitAny: the callback itself declares what it takes and gives
export type Callback = (event: any) => Promise<unknown>;

/** Arguments of `CallbackFunction`. @typeParam U what the code uses, by environment variable */
export interface CallbackFunctionArgs<U> extends TaggedArgs {
  /**
   * What Lambda runs: an async function whose body imports its handler.
   * Captured values must be small plain ones; an object with behavior is refused at preview.
   * @example async (event) => { const { ping } = await import("./handlers/ping.js"); return ping(event); }
   */
  callback: Callback;
  /**
   * What the code uses: each entry becomes an environment variable and the IAM statements for it. The names and
   * operations are those of the handler's `Uses` type, no more and no less.
   * @example { CONNECTIONS_TABLE: connections.grant("PutItem") }
   */
  uses: GrantsFor<U>;
  /** Memory in MB, 128 to 10,240; CPU grows with it. @default 512 */
  memory?: pulumi.Input<number>;
  /** Seconds until an invocation is ended; behind API Gateway at most 29 are of use. @default 10 */
  timeout?: pulumi.Input<number>;
  /** Days that log lines are kept. @default 30 */
  logRetentionDays?: pulumi.Input<number>;
  /** Keep the log group when the function goes. @default false */
  retainLogs?: boolean;
  /** ARN of a managed policy that limits the role, whatever its own policies say. @default none */
  permissionsBoundary?: pulumi.Input<string> | undefined;
  /** For a function that others invoke without waiting for it. @default what Lambda does with such events */
  asynchronous?: Asynchronous;
  /** Its invocations may lead to further ones of itself, in a row without end. @default false: Lambda stops such rows */
  mayInvokeItself?: boolean;
  /** Invocations that may run at once; none takes from the account's pool. @default no reservation */
  reservedConcurrency?: pulumi.Input<number> | undefined;
}

/** What becomes of an event whose invocation fails. */
export interface Asynchronous {
  /** Where it ends when it is given up. */
  deadLetters: Queue;
  /** Further attempts, after 1 and 2 minutes: 0 to 2. @default 2 */
  retries?: pulumi.Input<number>;
  /** It is given up when it is so old, in seconds: 60 to 21,600. @default 21,600 */
  maxAgeSeconds?: pulumi.Input<number>;
}

/** A grant when it no longer matters for which operations. */
type AnyGrant = Pick<Grant<string>, "value" | "statements" | "namedBy">;

/** A Lambda function made from an inline callback, with a role and a log group of its own. */
export class CallbackFunction<U = Uses> extends pulumi.ComponentResource {
  /** Known before the function is there. */
  readonly functionName: string;
  /** The function itself, for what this component has no argument for. */
  readonly function: aws.lambda.Function;
  readonly #place: Place;
  /** Exists in the type only: two functions with other uses are other types. */
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
    // The engine, and with it policy packs, sees the statements here even where a document is unknown.
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
        // A policy that an interrupted update left on it doesn't keep it from being deleted.
        forceDetachPolicies: true,
        tags,
        ...(args.permissionsBoundary === undefined ? {} : { permissionsBoundary: args.permissionsBoundary }),
      },
      { parent: this, deleteBeforeReplace: true },
    );
    // With names of our own, what an interrupted update left behind is written over, and not left beside.
    const policies = [
      new aws.iam.RolePolicy(name, { name: "uses", role: role.name, policy: documentOf(statements) }, { parent: this }),
    ];
    if (statementsOnUnnamed.length > 0) {
      const policy = documentOf(statementsOnUnnamed);
      policies.push(
        new aws.iam.RolePolicy(`${name}-api`, { name: "uses-api", role: role.name, policy }, { parent: this }),
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
      { parent: this, deleteBeforeReplace: true, dependsOn: policies },
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
      // Lambda stops a function that invokes itself after some 16 invocations in a row.
      new aws.lambda.FunctionRecursionConfig(
        name,
        { functionName: this.function.name, recursiveLoop: "Allow" },
        { parent: this },
      );
    }
    this.registerOutputs({ functionName });
  }

  /** The right to invoke this function; its variable holds the function's name. */
  grant(_: "InvokeFunction"): Grant<"InvokeFunction"> {
    return grantInvoke(this.functionName, this.#place);
  }
}

/**
 * The right to invoke a function of this stack, which may be the one that gets the right.
 *
 * @param functionName as {@link resourceName} makes it
 * @param place of the function
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
