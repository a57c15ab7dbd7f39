/** The resource types that are known, by Pulumi's names for them; each file stands where its type says. */
import * as certificate from "./acm/certificate.ts";
import * as certificateValidation from "./acm/certificateValidation.ts";
import * as account from "./apigateway/account.ts";
import * as restDeployment from "./apigateway/deployment.ts";
import * as restIntegration from "./apigateway/integration.ts";
import * as integrationResponse from "./apigateway/integrationResponse.ts";
import * as method from "./apigateway/method.ts";
import * as methodResponse from "./apigateway/methodResponse.ts";
import * as resource from "./apigateway/resource.ts";
import * as restApi from "./apigateway/restApi.ts";
import * as restStage from "./apigateway/stage.ts";
import * as api from "./apigatewayv2/api.ts";
import * as apiMapping from "./apigatewayv2/apiMapping.ts";
import * as authorizer from "./apigatewayv2/authorizer.ts";
import * as deployment from "./apigatewayv2/deployment.ts";
import * as domainName from "./apigatewayv2/domainName.ts";
import * as integration from "./apigatewayv2/integration.ts";
import * as route from "./apigatewayv2/route.ts";
import * as routeResponse from "./apigatewayv2/routeResponse.ts";
import * as stage from "./apigatewayv2/stage.ts";
import * as distribution from "./cloudfront/distribution.ts";
import * as originAccessControl from "./cloudfront/originAccessControl.ts";
import * as responseHeadersPolicy from "./cloudfront/responseHeadersPolicy.ts";
import * as trail from "./cloudtrail/trail.ts";
import * as eventBus from "./cloudwatch/eventBus.ts";
import * as eventRule from "./cloudwatch/eventRule.ts";
import * as eventTarget from "./cloudwatch/eventTarget.ts";
import * as logGroup from "./cloudwatch/logGroup.ts";
import * as userPool from "./cognito/userPool.ts";
import * as userPoolClient from "./cognito/userPoolClient.ts";
import * as userPoolDomain from "./cognito/userPoolDomain.ts";
import * as table from "./dynamodb/table.ts";
import * as policy from "./iam/policy.ts";
import * as role from "./iam/role.ts";
import * as rolePolicy from "./iam/rolePolicy.ts";
import * as rolePolicyAttachment from "./iam/rolePolicyAttachment.ts";
import * as eventSourceMapping from "./lambda/eventSourceMapping.ts";
import * as lambda from "./lambda/function.ts";
import * as functionEventInvokeConfig from "./lambda/functionEventInvokeConfig.ts";
import * as functionRecursionConfig from "./lambda/functionRecursionConfig.ts";
import * as permission from "./lambda/permission.ts";
import type { ResourceModel } from "./model.ts";
import * as record from "./route53/record.ts";
import * as bucket from "./s3/bucket.ts";
import * as bucketLifecycleConfiguration from "./s3/bucketLifecycleConfiguration.ts";
import * as bucketObject from "./s3/bucketObjectv2.ts";
import * as bucketPolicy from "./s3/bucketPolicy.ts";
import * as bucketPublicAccessBlock from "./s3/bucketPublicAccessBlock.ts";
import * as bucketServerSideEncryptionConfiguration from "./s3/bucketServerSideEncryptionConfiguration.ts";
import * as bucketVersioning from "./s3/bucketVersioning.ts";
import * as topic from "./sns/topic.ts";
import * as topicPolicy from "./sns/topicPolicy.ts";
import * as topicSubscription from "./sns/topicSubscription.ts";
import * as queue from "./sqs/queue.ts";
import * as queuePolicy from "./sqs/queuePolicy.ts";
import * as redrivePolicy from "./sqs/redrivePolicy.ts";

export const MODELS: Record<string, ResourceModel> = {
  "aws:acm/certificate:Certificate": certificate,
  "aws:acm/certificateValidation:CertificateValidation": certificateValidation,
  "aws:apigateway/account:Account": account,
  "aws:apigateway/deployment:Deployment": restDeployment,
  "aws:apigateway/integration:Integration": restIntegration,
  "aws:apigateway/integrationResponse:IntegrationResponse": integrationResponse,
  "aws:apigateway/method:Method": method,
  "aws:apigateway/methodResponse:MethodResponse": methodResponse,
  "aws:apigateway/resource:Resource": resource,
  "aws:apigateway/restApi:RestApi": restApi,
  "aws:apigateway/stage:Stage": restStage,
  "aws:apigatewayv2/api:Api": api,
  "aws:apigatewayv2/apiMapping:ApiMapping": apiMapping,
  "aws:apigatewayv2/authorizer:Authorizer": authorizer,
  "aws:apigatewayv2/deployment:Deployment": deployment,
  "aws:apigatewayv2/domainName:DomainName": domainName,
  "aws:apigatewayv2/integration:Integration": integration,
  "aws:apigatewayv2/route:Route": route,
  "aws:apigatewayv2/routeResponse:RouteResponse": routeResponse,
  "aws:apigatewayv2/stage:Stage": stage,
  "aws:cloudfront/distribution:Distribution": distribution,
  "aws:cloudfront/originAccessControl:OriginAccessControl": originAccessControl,
  "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": responseHeadersPolicy,
  "aws:cloudtrail/trail:Trail": trail,
  "aws:cloudwatch/eventBus:EventBus": eventBus,
  "aws:cloudwatch/eventRule:EventRule": eventRule,
  "aws:cloudwatch/eventTarget:EventTarget": eventTarget,
  "aws:cloudwatch/logGroup:LogGroup": logGroup,
  "aws:cognito/userPool:UserPool": userPool,
  "aws:cognito/userPoolClient:UserPoolClient": userPoolClient,
  "aws:cognito/userPoolDomain:UserPoolDomain": userPoolDomain,
  "aws:dynamodb/table:Table": table,
  "aws:iam/policy:Policy": policy,
  "aws:iam/role:Role": role,
  "aws:iam/rolePolicy:RolePolicy": rolePolicy,
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": rolePolicyAttachment,
  "aws:lambda/eventSourceMapping:EventSourceMapping": eventSourceMapping,
  "aws:lambda/function:Function": lambda,
  "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": functionEventInvokeConfig,
  "aws:lambda/functionRecursionConfig:FunctionRecursionConfig": functionRecursionConfig,
  "aws:lambda/permission:Permission": permission,
  "aws:route53/record:Record": record,
  "aws:s3/bucket:Bucket": bucket,
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": bucketLifecycleConfiguration,
  "aws:s3/bucketObjectv2:BucketObjectv2": bucketObject,
  "aws:s3/bucketPolicy:BucketPolicy": bucketPolicy,
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": bucketPublicAccessBlock,
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration":
    bucketServerSideEncryptionConfiguration,
  "aws:s3/bucketVersioning:BucketVersioning": bucketVersioning,
  "aws:sns/topic:Topic": topic,
  "aws:sns/topicPolicy:TopicPolicy": topicPolicy,
  "aws:sns/topicSubscription:TopicSubscription": topicSubscription,
  "aws:sqs/queue:Queue": queue,
  "aws:sqs/queuePolicy:QueuePolicy": queuePolicy,
  "aws:sqs/redrivePolicy:RedrivePolicy": redrivePolicy,
};
