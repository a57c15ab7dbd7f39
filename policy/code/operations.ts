/** Operations of the SDK that need another action than their own name says, or several. */

/** By operation: what it needs. */
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

/** Commands of the document client, which has names of its own. */
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

/** Parts of a transaction, each of which needs the action of this operation. */
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

/** What the SDK calls of itself: for credentials, for sessions, to clean up, and only where it is made to. */
const BY_THE_SDK = new Set(
  `AssumeRole AssumeRoleWithWebIdentity GetRoleCredentials CreateToken CreateOAuth2Token GetId GetCredentialsForIdentity
   CreateSession DescribeEndpoints AbortMultipartUpload PutObjectTagging`.split(/\s+/),
);

/** Whether a call of an operation says that its action has to be allowed. */
export function hasToBeAllowed(operation: string, hasSdkInside: boolean): boolean {
  return !FREE.has(operation) && !(hasSdkInside && BY_THE_SDK.has(operation));
}

/**
 * What an operation needs, for code that has these services' clients: each of a list, and of each list one, where two
 * services have an operation of that name. Nothing where it cannot be said.
 */
export function actionsFor(operation: string, services: Set<string>, isAction: (name: string) => boolean): string[][] {
  const name = services.has("dynamodb") ? (DOCUMENT_COMMANDS.get(operation) ?? operation) : operation;
  const special = ACTIONS.get(name);
  if (special?.every((action) => services.has(action.split(":")[0] as string)))
    return special.map((action) => [action]);
  const candidates = [...services].map((service) => `${service}:${name}`).filter(isAction);
  return candidates.length === 0 ? [] : [candidates];
}
