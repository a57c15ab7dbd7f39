/** The AWS provider's knowledge of the resource types in local/resources/, apart from their outputs. */

interface ResourceSchema {
  /** The property that the provider fills in if the program doesn't name the resource itself. */
  named?: string;
  /** Properties whose change replaces the resource. All other changes happen in place. */
  replaces: string[] | "all";
  /** The property that defines the scope in which the id is unique. @default the account */
  within?: string;
  /** References to resources that must exist first, by path. */
  refersTo?: Record<string, Reference>;
  /** The property and value that prevent deletion, with AWS's error. */
  protectedBy?: [property: string, value: unknown, message: string];
}

interface Reference {
  type: string;
  /** AWS's error when someone deletes the resource while this one refers to it. @default it can be deleted anyway */
  holds?: string;
}

const API: Reference = { type: "aws:apigatewayv2/api:Api" };
const FUNCTION: Reference = { type: "aws:lambda/function:Function" };
const ROLE: Reference = { type: "aws:iam/role:Role" };
const LOG_GROUP: Reference = { type: "aws:cloudwatch/logGroup:LogGroup" };
const BUCKET: Reference = { type: "aws:s3/bucket:Bucket" };
const QUEUE: Reference = { type: "aws:sqs/queue:Queue" };

/**
 * Schemas by type, taken from hashicorp/terraform-provider-aws (internal/service/…, `ForceNew` and `RequiresReplace`)
 * and, for the names, from pulumi/pulumi-aws (provider/resources.go, `AutoName`).
 */
export const SCHEMAS: Record<string, ResourceSchema> = {
  "aws:acm/certificate:Certificate": { replaces: ["domainName", "validationMethod"] },
  "aws:acm/certificateValidation:CertificateValidation": {
    replaces: "all",
    refersTo: { certificateArn: { type: "aws:acm/certificate:Certificate" } },
  },
  "aws:apigateway/account:Account": { replaces: [], refersTo: { cloudwatchRoleArn: ROLE } },
  "aws:apigatewayv2/api:Api": { named: "name", replaces: ["protocolType"] },
  "aws:apigatewayv2/apiMapping:ApiMapping": {
    replaces: ["domainName"],
    refersTo: { apiId: API, domainName: { type: "aws:apigatewayv2/domainName:DomainName" } },
  },
  "aws:apigatewayv2/authorizer:Authorizer": { named: "name", replaces: ["apiId"], refersTo: { apiId: API } },
  "aws:apigatewayv2/deployment:Deployment": { replaces: ["apiId", "triggers"], refersTo: { apiId: API } },
  "aws:apigatewayv2/domainName:DomainName": { replaces: ["domainName"] },
  "aws:apigatewayv2/integration:Integration": {
    replaces: ["apiId", "integrationType", "integrationSubtype"],
    refersTo: { apiId: API },
  },
  "aws:apigatewayv2/route:Route": {
    replaces: ["apiId"],
    refersTo: {
      apiId: API,
      target: {
        type: "aws:apigatewayv2/integration:Integration",
        holds: "ConflictException: Cannot delete Integration, it is referenced by a route",
      },
      authorizerId: {
        type: "aws:apigatewayv2/authorizer:Authorizer",
        holds: "ConflictException: Cannot delete authorizer, is referenced in route",
      },
    },
  },
  "aws:apigatewayv2/routeResponse:RouteResponse": {
    replaces: ["apiId", "routeId"],
    refersTo: { apiId: API, routeId: { type: "aws:apigatewayv2/route:Route" } },
  },
  "aws:apigatewayv2/stage:Stage": {
    named: "name",
    replaces: ["apiId", "name"],
    within: "apiId",
    refersTo: {
      apiId: API,
      "accessLogSettings.destinationArn": LOG_GROUP,
      deploymentId: {
        type: "aws:apigatewayv2/deployment:Deployment",
        holds: "BadRequestException: Active stages pointing to this deployment must be moved or deleted",
      },
    },
  },
  "aws:cloudfront/distribution:Distribution": {
    replaces: [],
    refersTo: {
      "origins.0.originAccessControlId": {
        type: "aws:cloudfront/originAccessControl:OriginAccessControl",
        holds: "OriginAccessControlInUse: Cannot delete the origin access control because it is in use",
      },
      "defaultCacheBehavior.responseHeadersPolicyId": {
        type: "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy",
        holds: "ResponseHeadersPolicyInUse: Cannot delete the response headers policy because it is attached",
      },
    },
  },
  "aws:cloudfront/originAccessControl:OriginAccessControl": { named: "name", replaces: ["name"] },
  "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": { named: "name", replaces: ["name"] },
  "aws:cloudtrail/trail:Trail": {
    named: "name",
    replaces: ["name"],
    refersTo: {
      s3BucketName: BUCKET,
    },
  },
  "aws:cloudwatch/eventRule:EventRule": { named: "name", replaces: ["name", "namePrefix", "eventBusName"] },
  "aws:cloudwatch/eventTarget:EventTarget": {
    named: "targetId",
    replaces: ["rule", "targetId", "eventBusName"],
    refersTo: {
      rule: {
        type: "aws:cloudwatch/eventRule:EventRule",
        holds: "ValidationException: Rule can't be deleted since it has targets.",
      },
      arn: FUNCTION,
    },
  },
  "aws:cloudwatch/logGroup:LogGroup": { named: "name", replaces: ["name", "namePrefix", "logGroupClass"] },
  "aws:cognito/userPool:UserPool": {
    named: "name",
    replaces: ["name", "aliasAttributes", "usernameAttributes"],
    protectedBy: ["deletionProtection", "ACTIVE", "InvalidParameterException: The user pool cannot be deleted"],
  },
  "aws:cognito/userPoolClient:UserPoolClient": {
    named: "name",
    replaces: ["userPoolId", "generateSecret"],
    refersTo: { userPoolId: { type: "aws:cognito/userPool:UserPool" } },
  },
  "aws:cognito/userPoolDomain:UserPoolDomain": {
    replaces: ["domain", "userPoolId"],
    refersTo: {
      userPoolId: {
        type: "aws:cognito/userPool:UserPool",
        holds: "InvalidParameterException: It has a domain configured that should be deleted first",
      },
    },
  },
  "aws:dynamodb/table:Table": {
    named: "name",
    replaces: ["name", "hashKey", "rangeKey", "localSecondaryIndexes", "importTable"],
    protectedBy: [
      "deletionProtectionEnabled",
      true,
      "ValidationException: Resource cannot be deleted as it is currently protected against deletion",
    ],
  },
  "aws:iam/policy:Policy": { named: "name", replaces: ["name", "namePrefix", "path", "description"] },
  "aws:iam/role:Role": { named: "name", replaces: ["name", "namePrefix", "path"] },
  "aws:iam/rolePolicy:RolePolicy": {
    named: "name",
    replaces: ["name", "namePrefix", "role"],
    refersTo: { role: { ...ROLE, holds: "DeleteConflict: Cannot delete entity, must delete policies first" } },
  },
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": {
    replaces: "all",
    refersTo: { role: { ...ROLE, holds: "DeleteConflict: Cannot delete entity, must detach all policies first" } },
  },
  "aws:lambda/function:Function": {
    named: "name",
    replaces: ["name", "packageType"],
    refersTo: { role: ROLE, "deadLetterConfig.targetArn": QUEUE },
  },
  "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": {
    replaces: ["functionName", "qualifier"],
    refersTo: { functionName: FUNCTION },
  },
  "aws:lambda/functionRecursionConfig:FunctionRecursionConfig": {
    replaces: ["functionName"],
    refersTo: { functionName: FUNCTION },
  },
  "aws:lambda/permission:Permission": {
    named: "statementId",
    replaces: "all",
    within: "function",
    refersTo: { function: FUNCTION },
  },
  "aws:route53/record:Record": { replaces: ["zoneId", "name", "type"] },
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": {
    replaces: ["bucket"],
    refersTo: { bucket: BUCKET },
  },
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": {
    replaces: ["bucket"],
    refersTo: { bucket: BUCKET },
  },
  "aws:s3/bucketVersioning:BucketVersioning": { replaces: ["bucket"], refersTo: { bucket: BUCKET } },
  "aws:s3/bucket:Bucket": { named: "bucket", replaces: ["bucket", "bucketPrefix", "objectLockEnabled"] },
  "aws:s3/bucketObjectv2:BucketObjectv2": { replaces: ["bucket", "key"], refersTo: { bucket: BUCKET } },
  "aws:s3/bucketPolicy:BucketPolicy": { replaces: ["bucket"], refersTo: { bucket: BUCKET } },
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": { replaces: ["bucket"], refersTo: { bucket: BUCKET } },
  "aws:sqs/queue:Queue": { named: "name", replaces: ["name", "namePrefix", "fifoQueue"] },
};
