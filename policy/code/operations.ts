/** SDK operations whose required action has a different name, or that require several actions. */

/** Required actions by operation. */
const ACTIONS = new Map<string, string[]>(
  Object.entries({
    PostToConnection: ["execute-api:ManageConnections"],
    GetConnection: ["execute-api:ManageConnections"],
    DeleteConnection: ["execute-api:ManageConnections"],
    Invoke: ["lambda:InvokeFunction"],
    InvokeAsync: ["lambda:InvokeFunction"],
    InvokeWithResponseStream: ["lambda:InvokeFunction"],
    HeadObject: ["s3:GetObject"],
    HeadBucket: ["s3:ListBucket"],
    ListObjects: ["s3:ListBucket"],
    ListObjectsV2: ["s3:ListBucket"],
    ListObjectVersions: ["s3:ListBucketVersions"],
    ListBuckets: ["s3:ListAllMyBuckets"],
    DeleteObjects: ["s3:DeleteObject"],
    CreateMultipartUpload: ["s3:PutObject"],
    UploadPart: ["s3:PutObject"],
    CompleteMultipartUpload: ["s3:PutObject"],
    CopyObject: ["s3:GetObject", "s3:PutObject"],
    Upload: ["s3:PutObject"],
    CreatePresignedPost: ["s3:PutObject"],
    SelectObjectContent: ["s3:GetObject"],
    SendMessageBatch: ["sqs:SendMessage"],
    DeleteMessageBatch: ["sqs:DeleteMessage"],
    ChangeMessageVisibilityBatch: ["sqs:ChangeMessageVisibility"],
    PublishBatch: ["sns:Publish"],
    BatchExecuteStatement: ["dynamodb:PartiQLSelect"],
    TransactGetItems: ["dynamodb:GetItem"],
    Converse: ["bedrock:InvokeModel"],
    ConverseStream: ["bedrock:InvokeModelWithResponseStream"],
  }),
);

/** Operations by the document client's own command names. */
const DOCUMENT_COMMANDS = new Map<string, string>(
  Object.entries({
    Get: "GetItem",
    Put: "PutItem",
    Delete: "DeleteItem",
    Update: "UpdateItem",
    BatchGet: "BatchGetItem",
    BatchWrite: "BatchWriteItem",
    TransactWrite: "TransactWriteItems",
    TransactGet: "TransactGetItems",
  }),
);

/** Operations by the parts of a transaction: each part requires the action of its operation. */
export const TRANSACTION_PARTS = new Map([
  ["Put", "PutItem"],
  ["Update", "UpdateItem"],
  ["Delete", "DeleteItem"],
  ["ConditionCheck", "ConditionCheckItem"],
]);

/** Operations that need no permission. */
const FREE = new Set(
  `GetCallerIdentity GetSessionToken AssumeRoleWithSAML AssumeRoleWithWebIdentity 
   InitiateAuth RespondToAuthChallenge SignUp ConfirmSignUp ResendConfirmationCode ForgotPassword ConfirmForgotPassword
   GetUser ChangePassword GlobalSignOut RevokeToken`.split(/\s+/),
);

/** Operations that the SDK calls internally, for credentials, sessions and cleanup. */
const BY_THE_SDK = new Set(
  `AssumeRole AssumeRoleWithWebIdentity GetRoleCredentials CreateToken CreateOAuth2Token GetId GetCredentialsForIdentity
   CreateSession DescribeEndpoints AbortMultipartUpload PutObjectTagging`.split(/\s+/),
);

/** Whether calling an operation requires an IAM permission. */
export function hasToBeAllowed(operation: string, hasSdkInside: boolean): boolean {
  return !FREE.has(operation) && !(hasSdkInside && BY_THE_SDK.has(operation));
}

/**
 * Actions that an operation requires in code with clients of these services. One action of each inner list is enough,
 * since two services may have an operation of that name. Empty if the service isn't known.
 */
export function actionsFor(operation: string, services: Set<string>, isAction: (name: string) => boolean): string[][] {
  const name = services.has("dynamodb") ? (DOCUMENT_COMMANDS.get(operation) ?? operation) : operation;
  const special = ACTIONS.get(name);
  if (special?.every((action) => services.has(action.split(":")[0] as string)))
    return special.map((action) => [action]);
  const candidates = [...services].map((service) => `${service}:${name}`).filter(isAction);
  return candidates.length === 0 ? [] : [candidates];
}
