import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

interface TargetArgs {
  handler: "dispatch" | "fail" | "work";
  /** Statements of the function's role in addition to the permission to write the function's log. */
  statements?: aws.iam.PolicyStatement[];
  deadLetters?: aws.sqs.Queue;
  /** Whether the function's role may send to `deadLetters`. @default whether there is such a queue */
  maySendThem?: boolean;
  reservedConcurrency?: number;
}

function createTarget(name: string, args: TargetArgs): aws.lambda.Function {
  const { handler, statements = [], deadLetters, maySendThem = deadLetters !== undefined } = args;
  const logGroup = new aws.cloudwatch.LogGroup(name, { name: `/aws/lambda/${name}` });
  const all: aws.iam.PolicyStatement[] = [
    {
      Effect: "Allow",
      Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
      Resource: pulumi.interpolate`${logGroup.arn}:*`,
    },
    ...(deadLetters !== undefined && maySendThem ? [maySendTo(deadLetters)] : []),
    ...statements,
  ];
  const role = new aws.iam.Role(name, {
    name,
    assumeRolePolicy: {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "lambda.amazonaws.com" } }],
    },
    inlinePolicies: [{ name, policy: pulumi.jsonStringify({ Version: "2012-10-17", Statement: all }) }],
  });
  return new aws.lambda.Function(name, {
    name,
    role: role.arn,
    runtime: "nodejs24.x",
    handler: `index.${handler}`,
    code: new pulumi.asset.AssetArchive({ "index.js": new pulumi.asset.FileAsset("handlers.js") }),
    timeout: 20,
    ...(deadLetters === undefined ? {} : { deadLetterConfig: { targetArn: deadLetters.arn } }),
    ...(args.reservedConcurrency === undefined ? {} : { reservedConcurrentExecutions: args.reservedConcurrency }),
  });
}

function maySendTo(queue: aws.sqs.Queue): aws.iam.PolicyStatement {
  return { Effect: "Allow", Action: "sqs:SendMessage", Resource: queue.arn };
}

function configure(target: aws.lambda.Function, name: string, config: object): void {
  new aws.lambda.FunctionEventInvokeConfig(name, { functionName: target.name, ...config });
}

const letters = new aws.sqs.Queue("letters", { name: "letters" });
const records = new aws.sqs.Queue("records", { name: "records" });
const inbox = new aws.sqs.Queue("inbox", { name: "inbox" });
const toRecords = { destinationConfig: { onFailure: { destination: records.arn } } };
const maySendRecords = [maySendTo(records)];

const work = createTarget("work", { handler: "work" });
const failing = createTarget("failing", { handler: "fail", deadLetters: letters });

const failingOnce = createTarget("failingOnce", { handler: "fail", deadLetters: letters, statements: maySendRecords });
configure(failingOnce, "failingOnce", { maximumRetryAttempts: 0, ...toRecords });

const ageing = createTarget("ageing", { handler: "fail", statements: maySendRecords });
configure(ageing, "ageing", { maximumEventAgeInSeconds: 60, ...toRecords });

const narrow = createTarget("narrow", { handler: "work", reservedConcurrency: 1, statements: maySendRecords });
configure(narrow, "narrow", { maximumEventAgeInSeconds: 60, ...toRecords });

const closed = createTarget("closed", { handler: "work", reservedConcurrency: 0, deadLetters: letters });

const homeless = createTarget("homeless", { handler: "fail" });
configure(homeless, "homeless", { maximumRetryAttempts: 0 });

// The function was allowed to send when it was created, but no longer is when it needs to.
const muted = createTarget("muted", { handler: "fail", deadLetters: letters });
configure(muted, "muted", { maximumRetryAttempts: 0 });
new aws.iam.RolePolicy(
  "muted",
  {
    role: "muted",
    policy: {
      Version: "2012-10-17",
      Statement: [{ Effect: "Deny", Action: "sqs:SendMessage", Resource: letters.arn }],
    },
  },
  { dependsOn: muted },
);

const secret = createTarget("secret", { handler: "work" });
const guarded = createTarget("guarded", {
  handler: "work",
  statements: [{ Effect: "Allow", Action: "sqs:DeleteMessage", Resource: inbox.arn }],
});

const targets = [work, failing, failingOnce, ageing, narrow, closed, homeless, muted];
const dispatcher = createTarget("dispatcher", {
  handler: "dispatch",
  statements: [
    {
      Effect: "Allow",
      Action: "lambda:InvokeFunction",
      Resource: [
        ...targets.map(({ arn }) => arn),
        pulumi.interpolate`${work.arn}:*`,
        work.arn.apply(besideIt("nobody")),
      ],
    },
    {
      Effect: "Allow",
      Action: ["sqs:SendMessage", "sqs:ReceiveMessage", "sqs:ChangeMessageVisibility", "sqs:Get*"],
      Resource: inbox.arn,
    },
  ],
});
// The dispatcher may invoke `targets` because of its role, and this function because of the function's own policy.
new aws.lambda.Permission("guarded", {
  action: "lambda:InvokeFunction",
  function: guarded.name,
  principal: dispatcher.role,
});

/** @returns a function that turns an ARN into that of another function in the same account */
function besideIt(name: string) {
  return (arn: string) => arn.replace(/[^:]+$/, name);
}

const ungranted = new pulumi.Config().get("ungranted");
if (ungranted === "deadLetters") {
  createTarget("ungranted", { handler: "fail", deadLetters: letters, maySendThem: false });
}
if (ungranted === "destination") {
  configure(secret, "ungranted", toRecords);
}

export const inboxUrl = inbox.url;
