/** What has to be there before CI can deploy, as one CloudFormation template. */
import {
  boundaryName,
  ciPath,
  deployRole,
  GITHUB,
  keyAlias,
  logsRole,
  type Place,
  partition,
  previewRole,
  type Stack,
  stateBucket,
} from "./place.ts";
import { boundary } from "./policies/boundary.ts";
import { page, resources, roles, testPeople } from "./policies/deploy.ts";
import type { Document } from "./policies/document.ts";
import { keyPolicy } from "./policies/key.ts";
import { bucketPolicy, readState, writeState } from "./policies/state.ts";
import { trustInService, trustInWorkflow } from "./policies/trust.ts";

export interface Template {
  AWSTemplateFormatVersion: "2010-09-09";
  Description: string;
  Resources: Record<string, Resource>;
}

export interface Resource {
  Type: string;
  DependsOn?: string[];
  DeletionPolicy?: "Retain";
  UpdateReplacePolicy?: "Retain";
  Properties: Record<string, unknown>;
}

/** What an account has once, whoever needs it. */
export interface Shared {
  /** Make the account's trust in GitHub; else it is there. */
  makeGithubProvider: boolean;
  /** Set the role by which API Gateway writes logs in this Region; else one is set. */
  setLogsRole: boolean;
}

/** Names of resources in the template by which a later run finds out that they are its own. */
export const GITHUB_PROVIDER = "GithubProvider";
export const API_GATEWAY_ACCOUNT = "ApiGatewayAccount";

export function template(place: Place, shared: Shared): Template {
  return {
    AWSTemplateFormatVersion: "2010-09-09",
    Description: `What CI needs to deploy ${place.project}: state, keys, boundaries and roles. Made by deploy/bootstrap.ts.`,
    Resources: {
      ...state(place),
      ...(shared.makeGithubProvider ? githubProvider() : {}),
      ...(shared.setLogsRole ? apiGatewayLogs(place) : {}),
      ...previewing(place, shared),
      ...Object.assign({}, ...place.stacks.map((stack) => deploying(place, stack, shared))),
    },
  };
}

const RETAINED = { DeletionPolicy: "Retain", UpdateReplacePolicy: "Retain" } as const;

function state(place: Place): Record<string, Resource> {
  return {
    State: {
      Type: "AWS::S3::Bucket",
      ...RETAINED,
      Properties: {
        BucketName: stateBucket(place),
        VersioningConfiguration: { Status: "Enabled" },
        // By the key that S3 has in every account: who may read an object is said by the bucket's prefixes, and secrets
        // within are encrypted by the key of their stack.
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [
            { ServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms" }, BucketKeyEnabled: true },
          ],
        },
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        OwnershipControls: { Rules: [{ ObjectOwnership: "BucketOwnerEnforced" }] },
        LifecycleConfiguration: {
          Rules: [
            {
              Id: "old-versions",
              Status: "Enabled",
              NoncurrentVersionExpiration: { NoncurrentDays: 365 },
              AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
            },
          ],
        },
      },
    },
    StatePolicy: {
      Type: "AWS::S3::BucketPolicy",
      Properties: { Bucket: { Ref: "State" }, PolicyDocument: bucketPolicy(place) },
    },
  };
}

function githubProvider(): Record<string, Resource> {
  return {
    [GITHUB_PROVIDER]: {
      Type: "AWS::IAM::OIDCProvider",
      Properties: { Url: `https://${GITHUB}`, ClientIdList: ["sts.amazonaws.com"] },
    },
  };
}

function apiGatewayLogs(place: Place): Record<string, Resource> {
  return {
    ApiGatewayLogs: role(place, logsRole(place), trustInService("apigateway.amazonaws.com"), {
      ManagedPolicyArns: [`arn:${partition(place)}:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs`],
    }),
    [API_GATEWAY_ACCOUNT]: {
      Type: "AWS::ApiGateway::Account",
      ...RETAINED,
      Properties: { CloudWatchRoleArn: { "Fn::GetAtt": ["ApiGatewayLogs", "Arn"] } },
    },
  };
}

/** Pull requests of the repository: they look at the development stack, and change nothing. */
function previewing(place: Place, shared: Shared): Record<string, Resource> {
  const stack = place.stacks.find(({ isDevelopment }) => isDevelopment);
  if (stack === undefined) return {};
  const properties = { Policies: [inline("state", readState(place, stack))] };
  return { Preview: role(place, previewRole(place), trustInWorkflow(place, "pull_request"), properties, shared) };
}

/** A stack's environment on GitHub, with the key of its secrets and the boundary of its roles. */
function deploying(place: Place, stack: Stack, shared: Shared): Record<string, Resource> {
  const id = logicalId(stack.name);
  const people = testPeople(place, stack);
  const policies = [
    inline("state", writeState(place, stack)),
    inline("roles", roles(place, stack)),
    inline("resources", resources(place, stack)),
    inline("page", page(place, stack)),
    ...(people === undefined ? [] : [inline("test-people", people)]),
  ];
  return {
    [`${id}Boundary`]: {
      Type: "AWS::IAM::ManagedPolicy",
      Properties: {
        ManagedPolicyName: boundaryName(place, stack),
        Path: ciPath(place),
        Description: `The most that a function of ${place.project}, stack ${stack.name}, may do`,
        PolicyDocument: boundary(place, stack),
      },
    },
    [`${id}Deploy`]: role(
      place,
      deployRole(place, stack),
      trustInWorkflow(place, `environment:${stack.name}`),
      { Policies: policies },
      shared,
    ),
    [`${id}Key`]: {
      Type: "AWS::KMS::Key",
      ...RETAINED,
      // A key policy can only name roles that are there.
      DependsOn: [`${id}Deploy`, ...(stack.isDevelopment ? ["Preview"] : [])],
      Properties: {
        Description: `Secrets of ${place.project}, stack ${stack.name}`,
        EnableKeyRotation: true,
        KeyPolicy: keyPolicy(place, stack),
      },
    },
    [`${id}KeyAlias`]: {
      Type: "AWS::KMS::Alias",
      ...RETAINED,
      Properties: { AliasName: keyAlias(place, stack), TargetKeyId: { Ref: `${id}Key` } },
    },
  };
}

function role(
  place: Place,
  name: string,
  trust: Document,
  properties: Record<string, unknown>,
  { makeGithubProvider }: Pick<Shared, "makeGithubProvider"> = { makeGithubProvider: false },
): Resource {
  return {
    Type: "AWS::IAM::Role",
    ...(makeGithubProvider ? { DependsOn: [GITHUB_PROVIDER] } : {}),
    Properties: { RoleName: name, Path: ciPath(place), AssumeRolePolicyDocument: trust, ...properties },
  };
}

function inline(name: string, policy: Document): { PolicyName: string; PolicyDocument: Document } {
  return { PolicyName: name, PolicyDocument: policy };
}

/** `Prod` of `prod`, `PrEu` of `pr-eu`. */
function logicalId(name: string): string {
  return name.replace(/(^|-)([a-z0-9])/g, (_, __, letter: string) => letter.toUpperCase());
}
