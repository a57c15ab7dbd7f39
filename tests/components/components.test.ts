/** Every component uses its own provider's Region, accepts values that aren't known yet, and tags what it creates. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ApiGatewayLogging } from "../../components/ApiGatewayLogging.ts";
import { AuditTrail } from "../../components/AuditTrail.ts";
import { CallbackFunction, type CallbackFunctionArgs } from "../../components/CallbackFunction.ts";
import { CustomDomain } from "../../components/CustomDomain.ts";
import { Queue } from "../../components/Queue.ts";
import { Schedule } from "../../components/Schedule.ts";
import { StaticSite } from "../../components/StaticSite.ts";
import { Table } from "../../components/Table.ts";
import { UserPool } from "../../components/UserPool.ts";
import { WebSocketApi } from "../../components/WebSocketApi.ts";
import { MODELS } from "../../local/resources/index.ts";
import { awsPlace } from "../../local/resources/place.ts";

// biome-ignore lint/suspicious/noExplicitAny: every resource type has its own inputs
type Inputs = Record<string, any>;

const ELSEWHERE = { region: "us-west-2", accountId: "222222222222" };
const HERE = { region: "eu-central-1", accountId: "111111111111" };

let registered: { type: string; name: string; inputs: Inputs; provider: string | undefined }[] = [];

beforeAll(() => pulumi.runtime.setAllConfig({ "aws:region": HERE.region }));

beforeEach(async () => {
  registered = [];
  await pulumi.runtime.setMocks(
    {
      async newResource({ type, name, inputs, provider }) {
        registered.push({ type, name, inputs, provider });
        const { accountId, region } = provider ? ELSEWHERE : HERE;
        const urn = `${type} ${name}`;
        const model = await MODELS[type]?.();
        const made = await model?.outputs({ urn, name, inputs }, awsPlace(accountId, region));
        const { id, ...outputs } = made ?? { id: name };
        return { id, state: { ...inputs, ...outputs } };
      },
      call: ({ provider }) => (provider ? ELSEWHERE : HERE),
    },
    "chat",
    "dev",
  );
});
afterEach(() => pulumi.runtime.disconnect());

const ofType = (type: string) => registered.filter((each) => each.type === type).map(({ inputs }) => inputs);

/** Creates one of each component. */
function makeAll(opts: pulumi.ComponentResourceOptions, tags?: Record<string, pulumi.Input<string>>) {
  const tagged = tags === undefined ? {} : { tags };
  const table = new Table("items", { hashKey: "pk", rangeKey: { name: "sk", type: "S" }, ...tagged }, opts);
  const deadLetters = new Queue("lost", tagged, opts);
  const callee = new CallbackFunction("callee", { callback: async () => 1, uses: {}, ...tagged }, opts);
  const api = new WebSocketApi(
    "api",
    { stageName: "dev", throttle: { rate: 1, burst: 1 }, apiGatewayAccount: "create", ...tagged },
    opts,
  );
  const caller = new CallbackFunction<Record<string, string>>(
    "caller",
    {
      callback: async () => 2,
      uses: { ITEMS: table.grant("GetItem"), CALLEE: callee.grant("InvokeFunction"), API: api.grant("POST") } as never,
      asynchronous: { deadLetters },
      ...tagged,
    },
    opts,
  );
  api.deploy({ routes: { $default: caller }, authorizer: { target: caller, identitySources: [] } });
  new Schedule("often", { everyMinutes: 5, target: caller, ...tagged }, opts);
  new StaticSite("site", { contentSecurityPolicy: "default-src 'none'", ...tagged }, opts);
  const users = new UserPool("users", tagged, opts);
  return { signInUrl: users.signInUrl };
}

/** Matches of every ARN that contains a Region and an account. */
const placesIn = (value: unknown) => [...JSON.stringify(value).matchAll(/arn:aws:[a-z0-9-]+:([a-z0-9-]+):(\d+):/g)];

/** Waits until no registration is pending, which is the end of the program. */
const registeredAll = () => pulumi.runtime.disconnect();

describe("components with their own provider", () => {
  test.each<[string, (provider: aws.Provider) => pulumi.ComponentResourceOptions]>([
    ["as provider", (provider) => ({ provider })],
    ["among several", (provider) => ({ providers: [provider] })],
    ["by name", (provider) => ({ providers: { aws: provider } })],
    [
      "of its parent",
      (provider) => ({
        parent: new pulumi.ComponentResource("test:index:Parent", "parent", {}, { providers: [provider] }),
      }),
    ],
  ])("given %s, create everything with it, and every ARN names its Region and account", async (_, optionsOf) => {
    const provider = new aws.Provider("elsewhere", { region: ELSEWHERE.region });
    const { signInUrl } = makeAll(optionsOf(provider));
    const url = await new Promise<string>((resolve) => signInUrl.apply(resolve));
    await registeredAll();

    const resources = registered.filter(({ type }) => type.startsWith("aws:"));
    expect(resources.length).toBeGreaterThan(30);
    for (const { type, name, provider: by } of resources) {
      expect({ type, name, by }).toEqual({ type, name, by: expect.stringContaining("::elsewhere::") });
    }
    const places = placesIn([resources, registered.map(({ inputs }) => inputs.statements)]);
    expect(places.length).toBeGreaterThan(10);
    for (const [arn, region, account] of places) {
      expect({ arn, region, account }).toEqual({ arn, region: ELSEWHERE.region, account: ELSEWHERE.accountId });
    }
    expect(JSON.stringify(resources)).not.toContain(HERE.region);
    expect(ofType("aws:iam/role:Role").map(({ name }) => name)).toContain("chat-dev-caller-us-west-2");
    expect(ofType("aws:s3/bucket:Bucket")[0]?.bucket).toBe("chat-dev-site-222222222222-us-west-2");
    expect(url).toBe("https://chat-dev-users-222222222222.auth.us-west-2.amazoncognito.com");
  });
});

test("the arguments of components may be Pulumi outputs", async () => {
  const later = <Value>(value: Value) => pulumi.output(Promise.resolve(value));
  const target = new CallbackFunction("worker", {
    callback: async () => 3,
    uses: {},
    memory: later(256),
    timeout: later(20),
    logRetentionDays: later(7),
    reservedConcurrency: later(2),
    permissionsBoundary: later("arn:aws:iam::111111111111:policy/limit"),
  });
  new Table("items", { hashKey: later("pk"), rangeKey: { name: later("sk"), type: "N" }, ttlAttribute: later("at") });
  new Schedule("often", { everyMinutes: later(1), target });
  new ApiGatewayLogging("logging", { permissionsBoundary: later("arn:aws:iam::111111111111:policy/limit") });
  const api = new WebSocketApi("api", {
    stageName: later("live"),
    throttle: { rate: later(10), burst: 20 },
    routeThrottles: { $default: { rate: later(1), burst: later(2) } },
  });
  api.deploy({ routes: { $default: target }, authorizer: { target, identitySources: [] } });
  await registeredAll();

  expect(ofType("aws:lambda/function:Function")).toMatchObject([
    { memorySize: 256, timeout: 20, reservedConcurrentExecutions: 2 },
  ]);
  const group = registered.find(({ type, name }) => type === "aws:cloudwatch/logGroup:LogGroup" && name === "worker");
  expect(group?.inputs).toMatchObject({ retentionInDays: 7 });
  for (const role of ofType("aws:iam/role:Role")) expect(role.permissionsBoundary).toMatch(/policy\/limit$/);
  expect(ofType("aws:dynamodb/table:Table")).toMatchObject([
    { hashKey: "pk", rangeKey: "sk", ttl: { attributeName: "at" }, attributes: [{ name: "pk" }, { name: "sk" }] },
  ]);
  expect(ofType("aws:cloudwatch/eventRule:EventRule")).toMatchObject([{ scheduleExpression: "rate(1 minute)" }]);
  expect(ofType("aws:apigatewayv2/stage:Stage")).toMatchObject([
    {
      name: "live",
      defaultRouteSettings: { throttlingRateLimit: 10, throttlingBurstLimit: 20 },
      routeSettings: [{ routeKey: "$default", throttlingRateLimit: 1, throttlingBurstLimit: 2 }],
    },
  ]);
});

test("an audit trail records changes, items and invocations in a private bucket", async () => {
  const table = new Table("items", { hashKey: "pk", rangeKey: { name: "sk", type: "S" } });
  new AuditTrail("audit", { tables: [table], retentionDays: 90, protect: true });
  await registeredAll();

  const [trail] = ofType("awsx:cloudtrail:Trail");
  const bucket = "chat-dev-audit-111111111111-eu-central-1";
  expect(trail).toMatchObject({
    name: "chat-dev-audit",
    s3Bucket: { existing: { name: bucket } },
    cloudWatchLogsGroup: { enable: false },
    tags: { project: "chat" },
  });
  const data = (type: string, resources: object) => [
    { field: "eventCategory", equals: ["Data"] },
    { field: "resources.type", equals: [type] },
    { field: "resources.ARN", ...resources },
  ];
  expect(trail?.advancedEventSelectors.map((selector: Inputs) => selector.fieldSelectors)).toEqual([
    [{ field: "eventCategory", equals: ["Management"] }],
    data("AWS::DynamoDB::Table", { equals: ["arn:aws:dynamodb:eu-central-1:111111111111:table/chat-dev-items"] }),
    data("AWS::Lambda::Function", { startsWiths: ["arn:aws:lambda:eu-central-1:111111111111:function:chat-dev-"] }),
  ]);
  expect(ofType("aws:s3/bucket:Bucket")).toMatchObject([{ bucket, forceDestroy: false }]);
  expect(ofType("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock")).toMatchObject([
    { bucket, blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true },
  ]);
  const encryption = ofType("aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration");
  expect(encryption).toMatchObject([
    { bucket, rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }] },
  ]);
  expect(ofType("aws:s3/bucketVersioning:BucketVersioning")).toMatchObject([
    { bucket, versioningConfiguration: { status: "Enabled" } },
  ]);
  expect(ofType("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration")).toMatchObject([
    { bucket, rules: [{ status: "Enabled", expiration: { days: 90 } }] },
  ]);
  const [{ policy } = {}] = ofType("aws:s3/bucketPolicy:BucketPolicy");
  const allowed = policy.Statement.filter(({ Effect }: Inputs) => Effect === "Allow");
  expect(allowed.map(({ Action }: Inputs) => Action)).toEqual(["s3:GetBucketAcl", "s3:PutObject"]);
  for (const { Principal, Condition } of allowed) {
    expect(Principal).toEqual({ Service: "cloudtrail.amazonaws.com" });
    expect(Condition.StringEquals["aws:SourceArn"]).toBe(
      "arn:aws:cloudtrail:eu-central-1:111111111111:trail/chat-dev-audit",
    );
  }
});

test("component types don't change, since they are part of the URN of everything in a stack", async () => {
  makeAll({});
  new AuditTrail("audit", { tables: [] });
  new CustomDomain("domain", { domainName: "live.example.com", certificateArn: "arn" });
  await registeredAll();
  const types = registered.map(({ type }) => type).filter((type) => !/^(aws|awsx|pulumi):/.test(type));
  const components = [
    ...["ApiGatewayLogging", "AuditTrail", "CallbackFunction", "CustomDomain", "Queue", "Schedule", "StaticSite"],
    ...["Table", "UserPool", "WebSocketApi"],
  ];
  expect([...new Set(types)].sort()).toEqual(components.map((name) => `chat:index:${name}`));
});

test("grants that differ from what a function's code calls don't compile", async () => {
  const table = new Table("items", { hashKey: "pk", rangeKey: { name: "sk", type: "S" } });
  type Uses = CallbackFunctionArgs<{ ITEMS: "GetItem" | "PutItem" }>["uses"];
  const _exact: Uses = { ITEMS: table.grant("GetItem", "PutItem") };
  // @ts-expect-error an operation is missing
  const _less: Uses = { ITEMS: table.grant("GetItem") };
  // @ts-expect-error the code doesn't use Scan
  const _more: Uses = { ITEMS: table.grant("GetItem", "PutItem", "Scan") };
  // @ts-expect-error the variable is missing
  const _none: Uses = {};
  // @ts-expect-error the code has no such variable
  const _other: Uses = { ITEMS: table.grant("GetItem", "PutItem"), OTHERS: table.grant("GetItem") };
  await registeredAll();
});

/** Types that components create and that AWS supports tags for. Files of a site have its bucket's tags. */
const TAGGABLE = [
  ...["apigatewayv2/api:Api", "apigatewayv2/stage:Stage", "cloudfront/distribution:Distribution"],
  ...["cloudwatch/eventRule:EventRule", "cloudwatch/logGroup:LogGroup", "cognito/userPool:UserPool"],
  ...["dynamodb/table:Table", "iam/role:Role", "lambda/function:Function", "s3/bucket:Bucket", "sqs/queue:Queue"],
].map((type) => `aws:${type}`);

describe("tags", () => {
  test("say what each resource belongs to", async () => {
    makeAll({});
    await registeredAll();
    for (const type of TAGGABLE) {
      const all = ofType(type);
      expect({ type, some: all.length > 0 }).toEqual({ type, some: true });
      for (const { tags } of all)
        expect({ type, tags }).toEqual({ type, tags: { project: "chat", stack: "dev", managedBy: "pulumi" } });
    }
    const untagged = registered.filter(({ type, inputs }) => type.startsWith("aws:") && inputs.tags === undefined);
    expect(untagged.filter(({ type }) => TAGGABLE.includes(type))).toEqual([]);
  });

  test("can be added and replaced", async () => {
    makeAll({}, { team: pulumi.output("chat"), managedBy: "us" });
    await registeredAll();
    for (const type of TAGGABLE)
      for (const { tags } of ofType(type))
        expect({ type, tags }).toEqual({
          type,
          tags: { project: "chat", stack: "dev", managedBy: "us", team: "chat" },
        });
  });
});
