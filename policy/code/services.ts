/** Finds the AWS services that a function's code has clients for, by IAM prefix. */

/** Clients whose package name differs from the service's prefix. */
const PREFIXES: Record<string, string> = {
  apigatewaymanagementapi: "execute-api",
  "api-gateway-management-api": "execute-api",
  cloudwatchlogs: "logs",
  "cloudwatch-logs": "logs",
  "cloudwatch-events": "events",
  eventbridge: "events",
  sfn: "states",
  stepfunctions: "states",
  "secrets-manager": "secretsmanager",
  "cognito-identity-provider": "cognito-idp",
  cognitoidentityserviceprovider: "cognito-idp",
  cognitoidentity: "cognito-identity",
  "dynamodb-streams": "dynamodb",
  sesv2: "ses",
  email: "ses",
  efs: "elasticfilesystem",
  opensearch: "es",
  "iot-data-plane": "iot",
  iotdata: "iot",
  "elastic-load-balancing-v2": "elasticloadbalancing",
  "bedrock-runtime": "bedrock",
  "bedrock-agent-runtime": "bedrock",
  "application-auto-scaling": "application-autoscaling",
  "api-gateway": "apigateway",
  "auto-scaling": "autoscaling",
  "config-service": "config",
  "marketplace-metering": "aws-marketplace",
  location: "geo",
  pinpoint: "mobiletargeting",
  "timestream-write": "timestream",
  "timestream-query": "timestream",
  "rds-data": "rds-data",
  "s3-control": "s3",
  documentclient: "dynamodb",
};

/** Patterns for text that names a service: imports of its client, and its names in a bundle. */
const NAMES = [
  /@aws-sdk\/client-([a-z0-9-]+)/g,
  /aws-sdk\/clients\/([a-z0-9]+)/g,
  // The patterns accept any quotes, because bundlers change them.
  /defaultSigningName:\s*["'`]([a-z0-9-]+)["'`]/g,
  /signingName:\s*["'`]([a-z0-9-]+)["'`]/g,
  /\bAWS\.([A-Z]\w+)(?:\.DocumentClient)?\(/g,
  /serviceId:\s*["'`]([\w ]+)["'`]/g,
  /["'`](DynamoDB)_20120810["'`]/g,
];

export function servicesIn(code: string): Set<string> {
  const services = new Set<string>();
  for (const pattern of NAMES) {
    for (const [, name = ""] of code.matchAll(pattern)) services.add(prefixOf(name));
  }
  if (/@aws-sdk\/lib-dynamodb/.test(code)) services.add("dynamodb");
  if (/@aws-sdk\/lib-storage/.test(code)) services.add("s3");
  return services;
}

/** IAM's prefix of a service, from the name of its client or package. */
export function prefixOf(name: string): string {
  const lower = name.toLowerCase().replaceAll(" ", "-");
  const joined = lower.replaceAll("-", "");
  if (Object.hasOwn(PREFIXES, lower)) return PREFIXES[lower] as string;
  return Object.hasOwn(PREFIXES, joined) ? (PREFIXES[joined] as string) : lower;
}
