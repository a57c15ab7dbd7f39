import { describe, expect, test } from "vitest";
import { boundary } from "../../deploy/policies/boundary.ts";
import { PULL_REQUESTS, stateUrl, type Target } from "../../deploy/target.ts";
import type { Resource, Template } from "../../deploy/templates/resource.ts";
import { type Shared, sharedTemplate } from "../../deploy/templates/shared.ts";
import { stackTemplate } from "../../deploy/templates/stack.ts";
import { DEV, PROD, TARGET } from "./target.ts";

const NEW = { makeGithubProvider: true, setLogsRole: true };
/** Templates of the shared resources and of each stack's own. */
const templates = (target: Target, shared: Shared): Template[] => [
  sharedTemplate(
    target,
    shared,
    target.stacks.map(({ name }) => name),
  ),
  ...target.stacks.map((stack) => stackTemplate(target, stack)),
];
const template = (target: Target, shared: Shared) => {
  const resources: Record<string, Resource>[] = templates(target, shared).map(({ Resources }) => Resources);
  return { Resources: Object.assign({}, ...resources) as Record<string, Resource> };
};
const { Resources } = template(TARGET, NEW);
const ofType = (type: string) => Object.values(Resources).filter(({ Type }) => Type === type);
const propertiesOf = (id: string, resources = Resources) => resources[id]?.Properties as Record<string, never>;

describe("the template", () => {
  test("keeps the state versioned, encrypted, private, and accessible over TLS only", () => {
    expect(propertiesOf("State")).toMatchObject({
      BucketName: "chat-state-000000000000-eu-central-1",
      VersioningConfiguration: { Status: "Enabled" },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms" } }],
      },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    });
    expect(JSON.stringify(propertiesOf("StatePolicy"))).toContain('{"Bool":{"aws:SecureTransport":"false"}}');
    const { Rules } = propertiesOf("State").LifecycleConfiguration as unknown as { Rules: Record<string, unknown>[] };
    expect(Rules.map(({ Prefix, ExpirationInDays }) => [Prefix, ExpirationInDays])).toEqual([
      [undefined, undefined],
      ["dev/.pulumi/history/", 365],
      ["dev/.pulumi/backups/", 30],
      ["prod/.pulumi/history/", 365],
      ["prod/.pulumi/backups/", 30],
    ]);
    const prefixes = [DEV, PROD].map((stack) => new URL(stateUrl(TARGET, stack)).pathname);
    expect(prefixes).toEqual(["/dev", "/prod"]);
  });

  test("keeps resources with data when its stack is deleted", () => {
    for (const type of ["AWS::S3::Bucket", "AWS::KMS::Key", "AWS::KMS::Alias"]) {
      for (const { DeletionPolicy, UpdateReplacePolicy } of ofType(type)) {
        expect([type, DeletionPolicy, UpdateReplacePolicy]).toEqual([type, "Retain", "Retain"]);
      }
    }
  });

  test("has a key, a boundary, a plan and a deploy role for each stack, and a preview role for pull requests", () => {
    expect(ofType("AWS::KMS::Key")).toHaveLength(2);
    expect(ofType("AWS::IAM::ManagedPolicy")).toHaveLength(2);
    expect(ofType("AWS::IAM::Role").map(({ Properties }) => Properties.RoleName)).toEqual([
      "chat-api-gateway-logs-eu-central-1",
      "chat-preview-eu-central-1",
      "chat-plan-dev-eu-central-1",
      "chat-deploy-dev-eu-central-1",
      "chat-plan-prod-eu-central-1",
      "chat-deploy-prod-eu-central-1",
    ]);
    for (const { Properties } of [...ofType("AWS::IAM::Role"), ...ofType("AWS::IAM::ManagedPolicy")]) {
      expect(Properties.Path).toBe("/chat-ci/");
    }
  });

  test("lets a key's policy name only roles that are created before the key", () => {
    for (const { DependsOn = [], Properties } of ofType("AWS::KMS::Key")) {
      const roles = DependsOn.map((id) => propertiesOf(id)).map(({ Path, RoleName }) => `role${Path}${RoleName}`);
      const named = JSON.stringify(Properties).match(/role\/[^"]+/g);
      expect(new Set(named)).toEqual(new Set(roles));
    }
  });

  test("refers only to resources that it contains", () => {
    const check = ({ Resources: resources }: Template) => {
      const text = JSON.stringify(resources);
      const named = [...text.matchAll(/"Ref":"(\w+)"|"Fn::GetAtt":\["(\w+)"/g)].map(([, ref, got]) => ref ?? got);
      const before = Object.values(resources).flatMap(({ DependsOn = [] }) => DependsOn);
      for (const id of [...named, ...before]) expect(resources).toHaveProperty([id as string]);
    };
    for (const each of templates(TARGET, NEW)) check(each);
    for (const each of templates(TARGET, { makeGithubProvider: false, setLogsRole: false })) check(each);
    check(stackTemplate(TARGET, { ...PROD, isDevelopment: true }));
    check(stackTemplate(TARGET, PULL_REQUESTS));
  });

  test("doesn't touch existing resources of the account", () => {
    const { Resources: others } = template(TARGET, { makeGithubProvider: false, setLogsRole: false });
    const types = Object.values(others).map(({ Type }) => Type);
    expect(types).not.toContain("AWS::IAM::OIDCProvider");
    expect(types).not.toContain("AWS::ApiGateway::Account");
  });

  test("has no preview role if the development stack is elsewhere", () => {
    const { Resources: alone } = template({ ...TARGET, stacks: [PROD] }, NEW);
    expect(alone).not.toHaveProperty("Preview");
    expect(alone.ProdKey?.DependsOn).toEqual(["ProdDeploy", "ProdPlan"]);
  });

  test("has one key, one boundary and one role for the stacks of all pull requests, and no role that previews them", () => {
    const { Resources: shared } = stackTemplate(TARGET, PULL_REQUESTS);
    expect(Object.keys(shared).sort()).toEqual(["PrBoundary", "PrDeploy", "PrKey", "PrKeyAlias"]);
    expect(JSON.stringify(shared)).not.toContain("undefined");
  });

  test("stays within AWS's size limits, with room for growth", () => {
    // The longest Region, and a repository name as long as can be expected.
    const target: Target = { ...TARGET, region: "ap-southeast-2", repository: `${"o".repeat(39)}/${"r".repeat(60)}` };
    for (const each of templates(target, NEW)) expect(JSON.stringify(each, null, 2).length).toBeLessThan(51_200 * 0.75);
    const { Resources: resources } = template({ ...target, stacks: [DEV, PROD, PULL_REQUESTS] }, NEW);
    for (const { Properties } of Object.values(resources)) {
      const { Policies = [] } = Properties as { Policies?: { PolicyDocument: object }[] };
      const length = Policies.map(({ PolicyDocument }) => JSON.stringify(PolicyDocument).length);
      expect(length.reduce((sum, each) => sum + each, 0)).toBeLessThan(10_240 * 0.75);
    }
    expect(JSON.stringify(boundary(target, PROD)).length).toBeLessThan(6_144 * 0.75);
  });

  test("names the partition that the Region is in", () => {
    const text = JSON.stringify(template({ ...TARGET, region: "us-gov-west-1" }, NEW));
    expect(text).not.toContain("arn:aws:");
    expect(text).toContain("arn:aws-us-gov:iam::000000000000:role/chat/chat-dev-*");
  });
});
