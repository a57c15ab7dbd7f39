/** Operations of the SDK that need another action than their own name says, or several. */

/** By operation: what it needs. */
const ACTIONS: Record<string, string[]> = {
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
  SelectObjectContent: ["s3:GetObject"],
  SendMessageBatch: ["sqs:SendMessage"],
  DeleteMessageBatch: ["sqs:DeleteMessage"],
  ChangeMessageVisibilityBatch: ["sqs:ChangeMessageVisibility"],
  PublishBatch: ["sns:Publish"],
  BatchExecuteStatement: ["dynamodb:PartiQLSelect"],
  TransactGetItems: ["dynamodb:GetItem"],
  Converse: ["bedrock:InvokeModel"],
  ConverseStream: ["bedrock:InvokeModelWithResponseStream"],
};

/** Commands of the document client, which has names of its own. */
const DOCUMENT_COMMANDS: Record<string, string> = {
  Get: "GetItem",
  Put: "PutItem",
  Delete: "DeleteItem",
  Update: "UpdateItem",
  BatchGet: "BatchGetItem",
  BatchWrite: "BatchWriteItem",
  TransactWrite: "TransactWriteItems",
  TransactGet: "TransactGetItems",
};

/** The parts of a transaction, each of which needs its own action. */
const TRANSACTION_PARTS: [RegExp, string][] = [
  [/\bPut\s*:/, "dynamodb:PutItem"],
  [/\bUpdate\s*:/, "dynamodb:UpdateItem"],
  [/\bDelete\s*:/, "dynamodb:DeleteItem"],
  [/\bConditionCheck\s*:/, "dynamodb:ConditionCheckItem"],
];

/**
 * What an operation needs, for code that has these services' clients: each of a list, and of each list one, where two
 * services have an operation of that name. Nothing where it cannot be said.
 */
export function actionsFor(
  operation: string,
  services: Set<string>,
  code: string,
  isAction: (name: string) => boolean,
): string[][] {
  const name = services.has("dynamodb") ? (DOCUMENT_COMMANDS[operation] ?? operation) : operation;
  if (name === "TransactWriteItems")
    return TRANSACTION_PARTS.flatMap(([part, action]) => (part.test(code) ? [[action]] : []));
  const special = ACTIONS[name];
  if (special?.every((action) => services.has(action.split(":")[0] as string)))
    return special.map((action) => [action]);
  const candidates = [...services].map((service) => `${service}:${name}`).filter(isAction);
  return candidates.length === 0 ? [] : [candidates];
}
