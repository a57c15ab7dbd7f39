/**
 * Programs like those that teams publish. The tests expect exactly the findings that a security review should report.
 */
import * as pulumi from "@pulumi/pulumi";
import { beforeAll, expect, test } from "vitest";
import { checkResource, checkStack } from "../checkStack.ts";
import { contextOf } from "../pack/config.ts";
import type { StackResource } from "../resources/resource.ts";
import type { Settings } from "../settings.ts";
import { triage } from "../triage.ts";
import { catalog } from "./catalog.ts";

const ACCOUNT = "123456789012";
const REGION = "eu-central-1";
const SETTINGS: Settings = {
  account: ACCOUNT,
  region: REGION,
  trustedAccounts: ["444455556666"],
  organizationId: "o-a1b2c3d4e5",
};

let registered: StackResource[] = [];

beforeAll(() => {
  pulumi.runtime.setMocks({ newResource: register, call: ({ inputs }) => inputs });
});

/** Gives a resource the outputs that the programs use. */
function register({ type, name, inputs, id = "" }: pulumi.runtime.MockResourceArgs) {
  const props: Record<string, unknown> = { ...inputs, ...outputsOf(type, inputs) };
  registered.push({
    urn: `urn:pulumi:dev::programs::${type}::${name}`,
    type,
    name,
    props,
    propertyDependencies: {},
  });
  return { id: id === "" ? `${name}-id` : id, state: props };
}

function outputsOf(type: string, { name, bucket, url }: Record<string, unknown>): Record<string, unknown> {
  const regional = (service: string, rest: string) => `arn:aws:${service}:${REGION}:${ACCOUNT}:${rest}`;
  const arns: Record<string, string> = {
    "aws:iam/role:Role": `arn:aws:iam::${ACCOUNT}:role/${name}`,
    "aws:iam/policy:Policy": `arn:aws:iam::${ACCOUNT}:policy/${name}`,
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": `arn:aws:iam::${ACCOUNT}:oidc-provider/${String(url).replace("https://", "")}`,
    "aws:s3/bucket:Bucket": `arn:aws:s3:::${bucket}`,
    "aws:cloudfront/distribution:Distribution": `arn:aws:cloudfront::${ACCOUNT}:distribution/E1A2B3C4D5E6F7`,
    "aws:sns/topic:Topic": regional("sns", String(name)),
    "aws:sqs/queue:Queue": regional("sqs", String(name)),
    "aws:dynamodb/table:Table": regional("dynamodb", `table/${name}`),
    "aws:lambda/function:Function": regional("lambda", `function:${name}`),
    "aws:kms/key:Key": regional("kms", "key/1234abcd-12ab-34cd-56ef-1234567890ab"),
    "aws:secretsmanager/secret:Secret": regional("secretsmanager", `secret:${name}-AbCdEf`),
  };
  return {
    ...(arns[type] === undefined ? {} : { arn: arns[type] }),
    ...(type === "aws:apigatewayv2/api:Api" ? { executionArn: regional("execute-api", "a1b2c3d4e5") } : {}),
  };
}

/** The findings of a program, each with its outcome, such as `stops wildcard-action at worker`. */
async function findingsOf(program: () => Promise<unknown>): Promise<string[]> {
  registered = [];
  await program();
  await pulumi.runtime.disconnect();
  const resources = await Promise.all(
    registered.map(async (one) => ({ ...one, props: (await plain(one.props)) as StackResource["props"] })),
  );
  const context = contextOf(SETTINGS, resources);
  const findings = [
    ...resources.flatMap((resource) => checkResource(resource, context, catalog).findings),
    ...checkStack(resources, context, catalog),
  ];
  return triage(findings, SETTINGS, new Date())
    .map(({ outcome, rule, resource }) => `${outcome} ${rule} at ${resource.name}`)
    .sort();
}

/** A property's value with archives and assets as the engine passes them. */
async function plain(value: unknown): Promise<unknown> {
  if (Array.isArray(value)) return Promise.all(value.map(plain));
  if (typeof value !== "object" || value === null) return value;
  const { assets, text } = value as { assets?: Promise<object>; text?: Promise<string> };
  if (text !== undefined) return { text: await text };
  const entries = Object.entries(assets === undefined ? value : await assets);
  const read = Object.fromEntries(await Promise.all(entries.map(async ([key, inner]) => [key, await plain(inner)])));
  return assets === undefined ? read : { assets: read };
}

test.each<[string, () => Promise<unknown>, string[]]>([
  ["a static site", () => import("./programs/staticSite.ts"), ["advises confused-deputy at logs"]],
  [
    "a Kubernetes cluster",
    () => import("./programs/kubernetes.ts"),
    [
      "advises wide-resource at external-dns",
      "advises wildcard-resource at external-dns",
      "stops public-principal at images",
    ],
  ],
  [
    "containers",
    () => import("./programs/containers.ts"),
    [
      "advises confused-deputy at execution",
      "advises confused-deputy at task",
      "stops public-principal at web",
      "stops wildcard-action at task",
      "stops wildcard-resource at task",
    ],
  ],
  [
    "an event pipeline",
    () => import("./programs/eventPipeline.ts"),
    [
      "advises action-resource-mismatch at worker",
      "advises confused-deputy at uploads",
      "advises wide-resource at worker",
      "stops data-exfiltration at worker",
      "stops permissions-management at worker",
      "stops wildcard-action at worker",
    ],
  ],
  [
    "deployments across accounts",
    () => import("./programs/crossAccountCi.ts"),
    [
      "advises foreign-account at old-scanner",
      "advises never-applies at gitlab-tags",
      "stops full-access-managed-policy at deploy",
      "stops public-principal at gitlab-any",
    ],
  ],
  [
    "a data lake",
    () => import("./programs/dataLake.ts"),
    [
      "advises foreign-account at raw",
      "advises wide-resource at analysts",
      "advises wildcard-resource at analysts",
      "stops data-exfiltration at analysts",
    ],
  ],
  [
    "an HTTP API",
    () => import("./programs/httpApi.ts"),
    ["advises unused-grant at put-order", "stops lambda-permission at put-order"],
  ],
  [
    "webhooks",
    () => import("./programs/webhooks.ts"),
    ["advises never-applies at hooks", "advises shared-role at hooks", "stops lambda-permission at open"],
  ],
  [
    "scheduled jobs",
    () => import("./programs/scheduledJobs.ts"),
    [
      "advises confused-deputy at build",
      "stops pass-role at nightly",
      "stops privilege-escalation at build",
      "stops wildcard-resource at nightly",
    ],
  ],
  [
    "a mobile app",
    () => import("./programs/mobileApp.ts"),
    ["advises fails-open-condition at guest", "stops public-principal at guest"],
  ],
  [
    "backups",
    () => import("./programs/backups.ts"),
    [
      "stops data-exfiltration at operators",
      "stops public-resource at everyone",
      "stops wildcard-resource at operators",
    ],
  ],
  [
    "observability",
    () => import("./programs/observability.ts"),
    ["advises never-applies at logs", "advises partial-wildcard-action at logs", "stops public-principal at alarms"],
  ],
])("%s", async (_, program, expected) => {
  expect(await findingsOf(program)).toEqual(expected);
});
