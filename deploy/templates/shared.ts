/** CloudFormation template for the resources that all Pulumi stacks of an account and Region share. */

import { bucketPolicy } from "../policies/state.ts";
import { trustInService } from "../policies/trust.ts";
import { GITHUB, logsRole, partition, stateBucket, type Target } from "../target.ts";
import { RETAINED, type Resource, role, type Template } from "./resource.ts";

/**
 * Days to keep old versions of the state: an update writes it hundreds of times and leaves an old version each time.
 */
const OLD_VERSION_DAYS = 30;
/** Days to keep the history, where Pulumi writes one checkpoint per update and never deletes it. */
const HISTORY_DAYS = 365;
/** Days to keep Pulumi's backups of the state from before each update; the history contains these states, too. */
const BACKUP_DAYS = 30;

/** Resources that exist once per account. */
export interface Shared {
  /** Whether to create the account's trust in GitHub; false if it exists already. */
  makeGithubProvider: boolean;
  /** Whether to set the role that API Gateway uses to write logs in this Region; false if one is set already. */
  setLogsRole: boolean;
}

/** Logical ids in the template that let a later run recognize its own resources. */
export const GITHUB_PROVIDER = "GithubProvider";
export const API_GATEWAY_ACCOUNT = "ApiGatewayAccount";

/** @param stacks names of all Pulumi stacks with state in the bucket, not only of the ones being set up */
export function sharedTemplate(target: Target, shared: Shared, stacks: string[]): Template {
  return {
    AWSTemplateFormatVersion: "2010-09-09",
    Description: `Resources that all stacks of ${target.project} share: state, trust in GitHub, logs. Created by deploy/bootstrap.ts.`,
    Resources: {
      ...state(target, stacks),
      ...(shared.makeGithubProvider ? githubProvider() : {}),
      ...(shared.setLogsRole ? apiGatewayLogs(target) : {}),
    },
  };
}

function state(target: Target, stacks: string[]): Record<string, Resource> {
  return {
    State: {
      Type: "AWS::S3::Bucket",
      ...RETAINED,
      Properties: {
        BucketName: stateBucket(target),
        VersioningConfiguration: { Status: "Enabled" },
        // S3's default key is enough: roles may read only some of the bucket's prefixes, and each stack's own key
        // encrypts the secrets in its state.
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
              NoncurrentVersionExpiration: { NoncurrentDays: OLD_VERSION_DAYS },
              ExpiredObjectDeleteMarker: true,
              AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
            },
            ...stacks.flatMap((stack) => [
              expiry(stack, "history", HISTORY_DAYS),
              expiry(stack, "backups", BACKUP_DAYS),
            ]),
          ],
        },
      },
    },
    StatePolicy: {
      Type: "AWS::S3::BucketPolicy",
      Properties: { Bucket: { Ref: "State" }, PolicyDocument: bucketPolicy(target) },
    },
  };
}

function expiry(stack: string, folder: "history" | "backups", days: number) {
  return {
    Id: `${stack}-${folder}`,
    Status: "Enabled",
    Prefix: `${stack}/.pulumi/${folder}/`,
    ExpirationInDays: days,
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

function apiGatewayLogs(target: Target): Record<string, Resource> {
  return {
    ApiGatewayLogs: role(target, logsRole(target), trustInService("apigateway.amazonaws.com"), {
      ManagedPolicyArns: [`arn:${partition(target)}:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs`],
    }),
    [API_GATEWAY_ACCOUNT]: {
      Type: "AWS::ApiGateway::Account",
      ...RETAINED,
      Properties: { CloudWatchRoleArn: { "Fn::GetAtt": ["ApiGatewayLogs", "Arn"] } },
    },
  };
}
