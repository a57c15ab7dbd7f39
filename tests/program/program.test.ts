/** Tests everything that `pulumi up` would create: every role, every statement, every permission. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import FEATURES from "../../iam/function-features.json" with { type: "json" };
import type { Previewed } from "../../local/preview.ts";
import { ACTIONS } from "../../protocol/actions.ts";
import { actionFor, callsOf } from "./sdkCalls.ts";
import { codeOf, type Inputs, ofType, previewStack, ROOT } from "./stack.ts";

describe.each(["dev", "prod"])("the stack %s", (stack) => {
  let previewed: Previewed;
  let functions: Map<string, Inputs>;

  beforeAll(async () => {
    previewed = await previewStack(stack);
    functions = ofType(previewed.registrations, "aws:lambda/function:Function");
  });
  const all = (type: string) => [...ofType(previewed.registrations, type).values()];

  /** The statements of all policies of a function's role. */
  const statementsOf = (lambda: Inputs): Inputs[] =>
    all("aws:iam/rolePolicy:RolePolicy")
      .filter(({ role }) => lambda.role.endsWith(`/${role}`))
      .flatMap(({ policy }) => policy.Statement);

  test("has a function for each route, one authorizer, and the functions that no route invokes", () => {
    expect([...functions.keys()].sort()).toEqual(
      [
        "admin",
        "authorizer",
        "departures",
        "fanOut",
        "publish",
        "sweep",
        "connect",
        "disconnect",
        ...ACTIONS,
        "unknownAction",
      ].sort(),
    );
  });

  test("consists of the resources that docs/architecture.md lists", () => {
    const architecture = readFileSync(join(ROOT, "docs/architecture.md"), "utf8");
    const documented = [...architecture.matchAll(/^\| `(aws:[^`]+)` +\| (\d+) /gm)].map(
      ([, type, count]) => [type as string, Number(count)] as const,
    );
    // API Gateway's log role belongs to the account.
    const isShared = (name: string) => name === "api-gateway-logging";
    const registered = previewed.registrations.filter(({ type, name }) => type.startsWith("aws:") && !isShared(name));
    const counts = new Map<string, number>();
    for (const { type } of registered) counts.set(type, (counts.get(type) ?? 0) + 1);
    expect(new Map(documented)).toEqual(counts);
    expect(architecture).toContain(`${registered.length} resources`);
  });

  test("after an interruption, leaves nothing behind that the next update can't find", () => {
    for (const { name, role } of all("aws:iam/rolePolicy:RolePolicy")) {
      expect({ role, name }).toEqual({ role, name: expect.stringMatching(/^uses(-api)?$/) });
    }
    for (const { name, forceDetachPolicies } of all("aws:iam/role:Role")) {
      expect({ name, forceDetachPolicies }).toEqual({ name, forceDetachPolicies: true });
    }
  });

  test("gives each function its own role and log group", () => {
    expect(new Set([...functions.values()].map(({ role }) => role)).size).toBe(functions.size);
    const groups = new Map(all("aws:cloudwatch/logGroup:LogGroup").map((group) => [group.name, group]));
    for (const { name, loggingConfig } of functions.values()) {
      expect(loggingConfig.logGroup).toBe(`/aws/lambda/${name}`);
      expect(groups.get(loggingConfig.logGroup)?.retentionInDays).toBeGreaterThan(0);
    }
    for (const { assumeRolePolicy } of all("aws:iam/role:Role")) {
      expect(assumeRolePolicy.Statement).toHaveLength(1);
      expect(assumeRolePolicy.Statement[0].Principal.Service).toMatch(/^(lambda|apigateway)\.amazonaws\.com$/);
    }
  });

  test("names exact actions on exact resources in every statement", () => {
    const name = "[a-zA-Z0-9_-]+";
    const exact = [
      new RegExp(`^arn:aws:dynamodb:eu-central-1:000000000000:table/chat-${stack}-${name}$`),
      new RegExp(`^arn:aws:logs:eu-central-1:000000000000:log-group:/aws/lambda/chat-${stack}-${name}:\\*$`),
      new RegExp(`^arn:aws:lambda:eu-central-1:000000000000:function:chat-${stack}-(fanOut|departures)$`),
      new RegExp(`^arn:aws:sqs:eu-central-1:000000000000:chat-${stack}-lost-posts$`),
      new RegExp(`^arn:aws:execute-api:eu-central-1:000000000000:${name}/${stack}/(POST|GET|DELETE)/@connections/\\*$`),
    ];
    for (const lambda of functions.values()) {
      for (const { Effect, Action, Resource } of statementsOf(lambda)) {
        expect(Effect).toBe("Allow");
        for (const action of [Action].flat()) expect(action).toMatch(/^[a-z-]+:[A-Za-z]+$/);
        for (const resource of [Resource].flat()) {
          expect({ resource, exact: exact.some((form) => form.test(resource)) }).toEqual({ resource, exact: true });
        }
      }
    }
  });

  test("grants what the code calls and nothing else", () => {
    for (const [name, lambda] of functions) {
      const features = ["logging", ...(lambda.deadLetterConfig === undefined ? [] : ["deadLetter"])] as const;
      const needed = features.flatMap((feature) => FEATURES[feature as keyof typeof FEATURES]);
      const called = callsOf(codeOf(lambda)).map(actionFor);
      const statements = statementsOf(lambda);
      const granted = statements.flatMap(({ Action }) => Action as string[]);
      expect({ name, granted: [...new Set(granted)].sort() }).toEqual({
        name,
        granted: [...new Set([...called.map(({ action }) => action), ...needed])].sort(),
      });
      const methods = statements
        .filter(({ Action }) => Action.includes("execute-api:ManageConnections"))
        .flatMap(({ Resource }) => [Resource].flat());
      const forms = called.flatMap(({ resource }) => resource ?? []);
      expect(methods).toHaveLength(forms.length);
      for (const form of forms) expect(methods.some((resource: string) => form.test(resource))).toBe(true);
    }
  });

  test("puts statements on resources whose names AWS chooses into a separate policy", () => {
    for (const { policy } of all("aws:iam/rolePolicy:RolePolicy")) {
      const byAws = policy.Statement.map(({ Action }: Inputs) => Action.includes("execute-api:ManageConnections"));
      expect(new Set(byAws).size).toBe(1);
    }
  });

  test("passes the statements as inputs of the component", () => {
    const components = ofType(previewed.registrations, "chat:index:CallbackFunction");
    // A role's two policies are registered concurrently, in either order.
    const sorted = (statements: unknown) => (statements as object[]).map((one) => JSON.stringify(one)).toSorted();
    for (const [name, lambda] of functions) {
      expect(sorted(components.get(name)?.statements)).toEqual(sorted(statementsOf(lambda)));
    }
  });

  test("lets only its own schedule invoke the sweep, and gives nobody permission to invoke the functions for operators and backends", () => {
    const [rule] = all("aws:cloudwatch/eventRule:EventRule");
    expect(rule).toMatchObject({ name: `chat-${stack}-sweep`, scheduleExpression: "rate(5 minutes)" });
    const permissions = all("aws:lambda/permission:Permission");
    expect(permissions.filter(({ function: name }) => name === `chat-${stack}-sweep`)).toMatchObject([
      {
        action: "lambda:InvokeFunction",
        principal: "events.amazonaws.com",
        sourceArn: `arn:aws:events:eu-central-1:000000000000:rule/chat-${stack}-sweep`,
      },
    ]);
    for (const asked of ["admin", "publish"]) {
      expect(permissions.filter(({ function: name }) => name === `chat-${stack}-${asked}`)).toEqual([]);
    }
  });

  test("outputs what a backend needs to publish: the permission to invoke one function", () => {
    const Resource = `arn:aws:lambda:eu-central-1:000000000000:function:${functions.get("publish")?.name}`;
    expect(previewed.outputs).toMatchObject({
      publishFunctionArn: Resource,
      publishPolicyStatement: { Effect: "Allow", Action: ["lambda:InvokeFunction"], Resource },
    });
  });

  test("lets API Gateway invoke each function for its own route only", () => {
    const routes = all("aws:apigatewayv2/route:Route").map(({ routeKey }) => routeKey);
    const ofGateway = all("aws:lambda/permission:Permission").filter(
      ({ principal }) => principal !== "events.amazonaws.com",
    );
    const sources = ofGateway.map(({ sourceArn, principal, action }) => {
      expect([principal, action]).toEqual(["apigateway.amazonaws.com", "lambda:InvokeFunction"]);
      return sourceArn.replace(/^arn:aws:execute-api:eu-central-1:000000000000:[a-z0-9]+\//, "");
    });
    expect(sources.sort()).toEqual(
      [...routes.map((key) => `${stack}/${key}`), expect.stringMatching(/^authorizers\/[a-z0-9]+$/)].sort(),
    );
  });

  test("runs the authorizer at $connect, and answers on every other route except $disconnect", () => {
    const answering = new Set(all("aws:apigatewayv2/routeResponse:RouteResponse").map(({ routeId }) => routeId));
    expect(answering.size).toBe(all("aws:apigatewayv2/route:Route").length - 2);
    for (const { routeKey, authorizationType } of all("aws:apigatewayv2/route:Route")) {
      expect([routeKey, authorizationType]).toEqual([routeKey, routeKey === "$connect" ? "CUSTOM" : undefined]);
    }
  });

  test("runs functions on Node 24 for arm64, with timeouts below the gateway's 29 s where it waits for them", () => {
    const elsewhere = ["admin", "departures", "fanOut", "publish", "sweep"];
    for (const [name, { runtime, architectures, timeout }] of functions) {
      expect([runtime, architectures]).toEqual(["nodejs24.x", ["arm64"]]);
      if (!elsewhere.includes(name)) expect(timeout).toBeLessThanOrEqual(29);
    }
  });

  test("encrypts tables, uses on-demand billing, and enables point-in-time recovery", () => {
    for (const table of all("aws:dynamodb/table:Table")) {
      expect(table).toMatchObject({
        billingMode: "PAY_PER_REQUEST",
        serverSideEncryption: { enabled: true },
        pointInTimeRecovery: { enabled: true },
      });
    }
    const messages = ofType(previewed.registrations, "aws:dynamodb/table:Table").get("messages");
    expect(messages?.deletionProtectionEnabled).toBe(stack === "prod");
  });

  test("serves the page from a bucket that only its distribution can read", () => {
    const [block] = all("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock") as [Inputs];
    const { bucket, ...blocked } = block;
    expect(bucket).toBe(`chat-${stack}-page-000000000000-eu-central-1`);
    expect(blocked).toEqual({
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    const [{ policy }] = all("aws:s3/bucketPolicy:BucketPolicy") as [Inputs];
    expect(policy.Statement).toEqual([
      {
        Sid: "ReadByCloudFront",
        Effect: "Allow",
        Principal: { Service: "cloudfront.amazonaws.com" },
        Action: "s3:GetObject",
        Resource: `arn:aws:s3:::${bucket}/*`,
        Condition: {
          StringEquals: {
            "AWS:SourceArn": expect.stringMatching(/^arn:aws:cloudfront::000000000000:distribution\/[A-Z0-9]{14}$/),
          },
        },
      },
    ]);
  });

  test("lets the page connect only to its own API and issuer, and returns people to the page after they sign in", () => {
    const { pageUrl, webSocketUrl, signInUrl } = previewed.outputs as Record<string, string>;
    const { variables } = functions.get("authorizer")?.environment ?? {};
    expect(JSON.parse(variables.ORIGINS)).toEqual([pageUrl]);
    const [headers] = all("aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy") as [Inputs];
    const { contentSecurityPolicy } = headers.securityHeadersConfig.contentSecurityPolicy;
    const api = webSocketUrl?.replace(`/${stack}`, "");
    expect(contentSecurityPolicy).toContain(
      `connect-src 'self' ${api} https://cognito-idp.eu-central-1.amazonaws.com ${signInUrl};`,
    );
    expect(contentSecurityPolicy).toMatch(
      /default-src 'none'.* require-trusted-types-for 'script'; trusted-types 'none'/,
    );
    const [client] = all("aws:cognito/userPoolClient:UserPoolClient") as [Inputs];
    expect(client).toMatchObject({ allowedOauthFlows: ["code"], generateSecret: false, logoutUrls: [`${pageUrl}/`] });
    expect(client.callbackUrls).toContain(`${pageUrl}/`);
  });

  test("caches only files with a hash in their name, and tells the page where its stack is", () => {
    const objects = new Map(
      all("aws:s3/bucketObjectv2:BucketObjectv2").map((object) => [object.key as string, object]),
    );
    const names = [...objects.keys()].map((key) => key.replace(/-[0-9a-f]{8}\./, "-HASH.")).sort();
    expect(names).toEqual(["assets/app-HASH.js", "assets/style-HASH.css", "config.json", "icon.svg", "index.html"]);
    for (const [key, { cacheControl }] of objects) {
      const isHashed = key.startsWith("assets/");
      expect([key, cacheControl]).toEqual([key, isHashed ? "max-age=31536000, immutable" : "no-cache"]);
    }
    const bodyOf = (key: string) => Buffer.from(objects.get(key)?.contentBase64, "base64").toString();
    for (const key of objects.keys()) if (key.startsWith("assets/")) expect(bodyOf("index.html")).toContain(`/${key}`);
    expect(JSON.parse(bodyOf("config.json"))).toEqual({
      webSocketUrl: previewed.outputs.webSocketUrl,
      signIn: {
        issuer: expect.stringMatching(/^https:\/\/cognito-idp\.eu-central-1\.amazonaws\.com\/eu-central-1_/),
        clientId: previewed.outputs.userPoolClientId,
      },
    });
    const [{ defaultCacheBehavior, orderedCacheBehaviors }] = all("aws:cloudfront/distribution:Distribution") as [
      Inputs,
    ];
    expect(orderedCacheBehaviors).toMatchObject([{ pathPattern: "/assets/*", compress: true }]);
    expect(defaultCacheBehavior.cachePolicyId).not.toBe(orderedCacheBehaviors[0].cachePolicyId);
    for (const behavior of [defaultCacheBehavior, ...orderedCacheBehaviors]) {
      expect(behavior.viewerProtocolPolicy).toBe("redirect-to-https");
    }
  });

  test("logs access without IP addresses or headers", () => {
    const [{ accessLogSettings }] = all("aws:apigatewayv2/stage:Stage") as [Inputs];
    expect(accessLogSettings.format).toContain("$context.requestId");
    expect(accessLogSettings.format).not.toMatch(/identity|sourceIp|header|authorizer/i);
  });
});

test("a name that AWS wouldn't accept is refused, not shortened", async () => {
  const error = await previewStack("dev", { "aws:region": `eu-${"x".repeat(60)}-1` }).catch((failed: Error) => failed);
  expect(String((error as Error).cause)).toMatch(
    /has \d+ characters, but AWS allows only 64: shorten the project "chat"/,
  );
});
