/**
 * The API calls that the AWS provider makes for each resource type in the program, and the resources that these calls
 * affect. The deploy role's policy is generated from this table, and a test compares it with the resources that the
 * program registers. It is one file, however long, because it is one table.
 *
 * The calls are taken from the provider's source:
 * https://github.com/hashicorp/terraform-provider-aws/tree/main/internal/service
 */

/** Kind of resource that a call acts on. `subjectsOf` in `policies/deploy.ts` returns the ARNs. */
export type Subject =
  | "role"
  | "boundedRole"
  | "passedRole"
  | "function"
  | "invokedFunction"
  | "table"
  | "tableKey"
  | "logGroup"
  | "queue"
  | "rule"
  | "api"
  | "userPool"
  | "distribution"
  | "originAccessControl"
  | "responseHeadersPolicy"
  | "bucket"
  | "object"
  /** An action that doesn't support resource-level permissions. */
  | "any";

export type Operation = "create" | "read" | "update" | "delete";

type Calls = Partial<Record<Subject, string[]>>;

/**
 * No calls to create a resource whose id AWS chooses: its ARN is known only after it exists. A person creates it with
 * the first `pulumi up`; after that, the role gets permissions for this resource and no other.
 */
const MADE_BY_A_PERSON: Calls = {};

/** API Gateway's resources within an API are created, read, changed and deleted by HTTP methods on their paths. */
const WITHIN_API: Record<Operation, Calls> = {
  create: { api: ["apigateway:POST"] },
  read: { api: ["apigateway:GET"] },
  update: { api: ["apigateway:PATCH"] },
  delete: { api: ["apigateway:DELETE"] },
};

export const RESOURCE_TYPES: Record<string, Record<Operation, Calls>> = {
  "aws:apigatewayv2/api:Api": {
    ...WITHIN_API,
    create: MADE_BY_A_PERSON,
    // POST and DELETE also add and remove tags.
    update: { api: ["apigateway:PATCH", "apigateway:POST", "apigateway:DELETE"] },
  },
  "aws:apigatewayv2/authorizer:Authorizer": WITHIN_API,
  "aws:apigatewayv2/deployment:Deployment": WITHIN_API,
  "aws:apigatewayv2/integration:Integration": WITHIN_API,
  "aws:apigatewayv2/route:Route": WITHIN_API,
  "aws:apigatewayv2/routeResponse:RouteResponse": WITHIN_API,
  "aws:apigatewayv2/stage:Stage": WITHIN_API,

  "aws:cloudfront/distribution:Distribution": {
    create: MADE_BY_A_PERSON,
    read: { distribution: ["cloudfront:GetDistribution", "cloudfront:ListTagsForResource"] },
    update: { distribution: ["cloudfront:UpdateDistribution", "cloudfront:TagResource", "cloudfront:UntagResource"] },
    delete: { distribution: ["cloudfront:DeleteDistribution"] },
  },
  "aws:cloudfront/originAccessControl:OriginAccessControl": {
    create: MADE_BY_A_PERSON,
    read: { originAccessControl: ["cloudfront:GetOriginAccessControl"] },
    update: { originAccessControl: ["cloudfront:UpdateOriginAccessControl"] },
    delete: { originAccessControl: ["cloudfront:DeleteOriginAccessControl"] },
  },
  "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": {
    create: MADE_BY_A_PERSON,
    read: { responseHeadersPolicy: ["cloudfront:GetResponseHeadersPolicy"] },
    update: { responseHeadersPolicy: ["cloudfront:UpdateResponseHeadersPolicy"] },
    delete: { responseHeadersPolicy: ["cloudfront:DeleteResponseHeadersPolicy"] },
  },

  "aws:cloudwatch/eventRule:EventRule": {
    create: { rule: ["events:PutRule"] },
    read: { rule: ["events:DescribeRule", "events:ListTagsForResource"] },
    update: {
      rule: ["events:PutRule", "events:EnableRule", "events:DisableRule", "events:TagResource", "events:UntagResource"],
    },
    delete: { rule: ["events:DeleteRule", "events:ListTargetsByRule"] },
  },
  "aws:cloudwatch/eventTarget:EventTarget": {
    create: { rule: ["events:PutTargets"] },
    read: { rule: ["events:ListTargetsByRule"] },
    update: { rule: ["events:PutTargets"] },
    delete: { rule: ["events:RemoveTargets"] },
  },
  "aws:cloudwatch/logGroup:LogGroup": {
    create: { logGroup: ["logs:CreateLogGroup", "logs:PutRetentionPolicy"] },
    read: { any: ["logs:DescribeLogGroups"], logGroup: ["logs:ListTagsForResource"] },
    update: {
      logGroup: ["logs:PutRetentionPolicy", "logs:DeleteRetentionPolicy", "logs:TagResource", "logs:UntagResource"],
    },
    delete: { logGroup: ["logs:DeleteLogGroup"] },
  },

  "aws:cognito/userPool:UserPool": {
    create: MADE_BY_A_PERSON,
    read: { userPool: ["cognito-idp:DescribeUserPool", "cognito-idp:GetUserPoolMfaConfig"] },
    update: {
      userPool: [
        "cognito-idp:UpdateUserPool",
        "cognito-idp:SetUserPoolMfaConfig",
        "cognito-idp:TagResource",
        "cognito-idp:UntagResource",
        "cognito-idp:ListTagsForResource",
      ],
    },
    delete: { userPool: ["cognito-idp:DeleteUserPool"] },
  },
  "aws:cognito/userPoolClient:UserPoolClient": {
    create: { userPool: ["cognito-idp:CreateUserPoolClient"] },
    read: { userPool: ["cognito-idp:DescribeUserPoolClient"] },
    update: { userPool: ["cognito-idp:UpdateUserPoolClient"] },
    delete: { userPool: ["cognito-idp:DeleteUserPoolClient"] },
  },
  "aws:cognito/userPoolDomain:UserPoolDomain": {
    create: { userPool: ["cognito-idp:CreateUserPoolDomain"] },
    read: { any: ["cognito-idp:DescribeUserPoolDomain"] },
    update: { userPool: ["cognito-idp:UpdateUserPoolDomain"] },
    delete: { userPool: ["cognito-idp:DeleteUserPoolDomain"] },
  },

  "aws:dynamodb/table:Table": {
    create: {
      table: ["dynamodb:CreateTable", "dynamodb:UpdateTimeToLive", "dynamodb:UpdateContinuousBackups"],
    },
    read: {
      table: [
        "dynamodb:DescribeTable",
        "dynamodb:DescribeTimeToLive",
        "dynamodb:DescribeContinuousBackups",
        "dynamodb:ListTagsOfResource",
      ],
      // The provider compares the table's key with DynamoDB's default key.
      tableKey: ["kms:DescribeKey"],
    },
    update: {
      table: [
        "dynamodb:UpdateTable",
        "dynamodb:UpdateTimeToLive",
        "dynamodb:UpdateContinuousBackups",
        "dynamodb:TagResource",
        "dynamodb:UntagResource",
      ],
    },
    delete: { table: ["dynamodb:DeleteTable"] },
  },

  "aws:iam/role:Role": {
    create: { boundedRole: ["iam:CreateRole"] },
    read: { role: ["iam:GetRole", "iam:ListRolePolicies", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies"] },
    update: {
      boundedRole: ["iam:UpdateAssumeRolePolicy", "iam:PutRolePermissionsBoundary"],
      role: ["iam:TagRole", "iam:UntagRole"],
    },
    // Policies left over from an interrupted update are deleted with the role.
    delete: { role: ["iam:ListInstanceProfilesForRole", "iam:DeleteRole"], boundedRole: ["iam:DeleteRolePolicy"] },
  },
  "aws:iam/rolePolicy:RolePolicy": {
    create: { boundedRole: ["iam:PutRolePolicy"] },
    read: { role: ["iam:GetRolePolicy"] },
    update: { boundedRole: ["iam:PutRolePolicy"] },
    delete: { boundedRole: ["iam:DeleteRolePolicy"] },
  },

  "aws:lambda/function:Function": {
    create: {
      function: ["lambda:CreateFunction", "lambda:PutFunctionConcurrency"],
      passedRole: ["iam:PassRole"],
    },
    read: {
      function: [
        "lambda:GetFunction",
        "lambda:GetFunctionCodeSigningConfig",
        "lambda:ListVersionsByFunction",
        "lambda:ListTags",
      ],
    },
    update: {
      function: [
        "lambda:UpdateFunctionCode",
        "lambda:UpdateFunctionConfiguration",
        "lambda:PutFunctionConcurrency",
        "lambda:DeleteFunctionConcurrency",
        "lambda:TagResource",
        "lambda:UntagResource",
      ],
      passedRole: ["iam:PassRole"],
    },
    delete: { function: ["lambda:DeleteFunction"] },
  },
  "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": {
    create: { function: ["lambda:PutFunctionEventInvokeConfig"] },
    read: { function: ["lambda:GetFunctionEventInvokeConfig"] },
    update: { function: ["lambda:PutFunctionEventInvokeConfig"] },
    delete: { function: ["lambda:DeleteFunctionEventInvokeConfig"] },
  },
  "aws:lambda/functionRecursionConfig:FunctionRecursionConfig": {
    create: { function: ["lambda:PutFunctionRecursionConfig"] },
    read: { function: ["lambda:GetFunctionRecursionConfig"] },
    update: { function: ["lambda:PutFunctionRecursionConfig"] },
    // AWS has no call that deletes it, so the provider restores the default.
    delete: { function: ["lambda:PutFunctionRecursionConfig"] },
  },
  "aws:lambda/permission:Permission": {
    create: { invokedFunction: ["lambda:AddPermission"] },
    read: { function: ["lambda:GetPolicy"] },
    // Any change replaces it.
    update: {},
    delete: { function: ["lambda:RemovePermission"] },
  },

  "aws:s3/bucket:Bucket": {
    create: { bucket: ["s3:CreateBucket"] },
    read: {
      bucket: [
        "s3:ListBucket",
        "s3:GetAccelerateConfiguration",
        "s3:GetBucketAcl",
        "s3:GetBucketCORS",
        "s3:GetBucketLocation",
        "s3:GetBucketLogging",
        "s3:GetBucketObjectLockConfiguration",
        "s3:GetBucketPolicy",
        "s3:GetBucketRequestPayment",
        "s3:GetBucketTagging",
        "s3:GetBucketVersioning",
        "s3:GetBucketWebsite",
        "s3:GetEncryptionConfiguration",
        "s3:GetLifecycleConfiguration",
        "s3:GetReplicationConfiguration",
        "s3:ListTagsForResource",
      ],
    },
    update: { bucket: ["s3:PutBucketTagging", "s3:TagResource", "s3:UntagResource"] },
    // The provider empties the bucket first.
    delete: {
      bucket: ["s3:DeleteBucket", "s3:ListBucketVersions"],
      object: ["s3:DeleteObject", "s3:DeleteObjectVersion"],
    },
  },
  "aws:s3/bucketObjectv2:BucketObjectv2": {
    create: { object: ["s3:PutObject"] },
    read: { object: ["s3:GetObject", "s3:GetObjectTagging"] },
    update: { object: ["s3:PutObject", "s3:PutObjectTagging"] },
    delete: { bucket: ["s3:ListBucketVersions"], object: ["s3:DeleteObject", "s3:DeleteObjectVersion"] },
  },
  "aws:s3/bucketPolicy:BucketPolicy": {
    create: { bucket: ["s3:PutBucketPolicy"] },
    read: { bucket: ["s3:GetBucketPolicy"] },
    update: { bucket: ["s3:PutBucketPolicy"] },
    delete: { bucket: ["s3:DeleteBucketPolicy"] },
  },
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": {
    create: { bucket: ["s3:PutBucketPublicAccessBlock"] },
    read: { bucket: ["s3:GetBucketPublicAccessBlock"] },
    update: { bucket: ["s3:PutBucketPublicAccessBlock"] },
    delete: { bucket: ["s3:PutBucketPublicAccessBlock"] },
  },

  "aws:sqs/queue:Queue": {
    create: { queue: ["sqs:CreateQueue"] },
    read: { queue: ["sqs:GetQueueAttributes", "sqs:ListQueueTags"] },
    update: { queue: ["sqs:SetQueueAttributes", "sqs:TagQueue", "sqs:UntagQueue"] },
    delete: { queue: ["sqs:DeleteQueue"] },
  },
};

/** Calls that the program itself makes while it runs. */
export const PROGRAM_CALLS: Calls = { any: ["sts:GetCallerIdentity"] };

/**
 * Types that only stacks with `apiGatewayAccount: create` have. In an account set up by `bootstrap`, API Gateway's log
 * role already exists. No stack then needs permission to attach policies, and destroying one stack doesn't end the logs
 * of the others.
 */
export const MADE_BY_BOOTSTRAP = [
  "aws:apigateway/account:Account",
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
];
