/** Where policy documents stand in the resources of a stack. */
import type { Kind } from "../analysis/subject.ts";
import { isUnknown } from "./unknown.ts";

/** A document as it was found. */
export interface Place {
  /** Property path, such as `inlinePolicies[0].policy`. */
  path: string;
  kind: Kind;
  /** Whose policy it is; of resource policies only. */
  service?: string;
  /** JSON text, an object, or UNKNOWN while its parts are. */
  document: unknown;
}

type Known = Record<string, { kind: Kind; service?: string }>;

const identity = { kind: "identity" } as const;
const resource = (service: string) => ({ kind: "resource", service }) as const;

/** By type, the properties that hold a document. `[]` goes through a list. */
const PLACES: Record<string, Known> = {
  "aws:iam/policy:Policy": { policy: identity },
  "aws:iam/rolePolicy:RolePolicy": { policy: identity },
  "aws:iam/userPolicy:UserPolicy": { policy: identity },
  "aws:iam/groupPolicy:GroupPolicy": { policy: identity },
  "aws:iam/role:Role": { assumeRolePolicy: { kind: "trust" }, "inlinePolicies[].policy": identity },
  "aws:ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy": { inlinePolicy: identity },
  "aws:transfer/user:User": { policy: { kind: "boundary" } },
  "aws:organizations/policy:Policy": { content: { kind: "boundary" } },
  "aws:ec2/vpcEndpoint:VpcEndpoint": { policy: { kind: "boundary" } },
  "aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy": { policy: { kind: "boundary" } },
  "aws:s3/bucketPolicy:BucketPolicy": { policy: resource("s3") },
  "aws:s3/bucket:Bucket": { policy: resource("s3") },
  "aws:s3/bucketV2:BucketV2": { policy: resource("s3") },
  "aws:s3/accessPoint:AccessPoint": { policy: resource("s3") },
  "aws:s3control/accessPointPolicy:AccessPointPolicy": { policy: resource("s3") },
  "aws:sqs/queue:Queue": { policy: resource("sqs") },
  "aws:sqs/queuePolicy:QueuePolicy": { policy: resource("sqs") },
  "aws:sns/topic:Topic": { policy: resource("sns") },
  "aws:sns/topicPolicy:TopicPolicy": { policy: resource("sns") },
  "aws:kms/key:Key": { policy: resource("kms") },
  "aws:kms/keyPolicy:KeyPolicy": { policy: resource("kms") },
  "aws:secretsmanager/secret:Secret": { policy: resource("secretsmanager") },
  "aws:secretsmanager/secretPolicy:SecretPolicy": { policy: resource("secretsmanager") },
  "aws:ecr/repositoryPolicy:RepositoryPolicy": { policy: resource("ecr") },
  "aws:ecr/registryPolicy:RegistryPolicy": { policy: resource("ecr") },
  "aws:ecrpublic/repositoryPolicy:RepositoryPolicy": { policy: resource("ecr-public") },
  "aws:cloudwatch/eventBusPolicy:EventBusPolicy": { policy: resource("events") },
  "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": { policyDocument: resource("logs") },
  "aws:cloudwatch/logDestinationPolicy:LogDestinationPolicy": { accessPolicy: resource("logs") },
  "aws:opensearch/domain:Domain": { accessPolicies: resource("es") },
  "aws:opensearch/domainPolicy:DomainPolicy": { accessPolicies: resource("es") },
  "aws:elasticsearch/domain:Domain": { accessPolicies: resource("es") },
  "aws:elasticsearch/domainPolicy:DomainPolicy": { accessPolicies: resource("es") },
  "aws:apigateway/restApi:RestApi": { policy: resource("execute-api") },
  "aws:apigateway/restApiPolicy:RestApiPolicy": { policy: resource("execute-api") },
  "aws:backup/vaultPolicy:VaultPolicy": { policy: resource("backup") },
  "aws:efs/fileSystemPolicy:FileSystemPolicy": { policy: resource("elasticfilesystem") },
  "aws:glacier/vault:Vault": { accessPolicy: resource("glacier") },
  "aws:ses/identityPolicy:IdentityPolicy": { policy: resource("ses") },
  "aws:sesv2/emailIdentityPolicy:EmailIdentityPolicy": { policy: resource("ses") },
  "aws:codeartifact/domainPermissionsPolicy:DomainPermissionsPolicy": { policyDocument: resource("codeartifact") },
  "aws:codeartifact/repositoryPermissionsPolicy:RepositoryPermissionsPolicy": {
    policyDocument: resource("codeartifact"),
  },
  "aws:dynamodb/resourcePolicy:ResourcePolicy": { policy: resource("dynamodb") },
  "aws:kinesis/resourcePolicy:ResourcePolicy": { policy: resource("kinesis") },
  "aws:glue/resourcePolicy:ResourcePolicy": { policy: resource("glue") },
  "aws:schemas/registryPolicy:RegistryPolicy": { policy: resource("schemas") },
  "aws:mediastore/containerPolicy:ContainerPolicy": { policy: resource("mediastore") },
  "aws:iot/policy:Policy": { policy: identity },
};

/** The documents of a resource: where its type has them, else wherever something looks like one. */
export function documentsOf(type: string, props: Record<string, unknown>): Place[] {
  const known = PLACES[type];
  if (known === undefined) return documentsWithin(props, "");
  return Object.entries(known).flatMap(([path, what]) =>
    valuesAt(props, path).map(([found, document]) => ({ path: found, ...what, document })),
  );
}

/** Whether a managed policy is written to bound roles: by its own name, for its use is not known before the end. */
export function isBoundaryByName(name: string, { name: written, description }: Record<string, unknown>): boolean {
  return [name, written, description].some((text) => typeof text === "string" && /boundar(y|ies)/i.test(text));
}

function valuesAt(props: Record<string, unknown>, path: string): [path: string, value: unknown][] {
  const [head = "", tail] = path.split("[].") as [string, string?];
  const value = props[head];
  if (value === undefined || value === null || value === "") return [];
  if (tail === undefined || isUnknown(value)) return [[head, value]];
  if (!Array.isArray(value)) return [];
  return value.flatMap((item, i) =>
    item?.[tail] === undefined ? [] : ([[`${head}[${i}].${tail}`, item[tail]]] as [string, unknown][]),
  );
}

/**
 * Documents and lists of statements anywhere in the inputs: of components, which hand over what their children get, and
 * of resources whose type is not in the table.
 */
function documentsWithin(value: unknown, path: string, depth = 0): Place[] {
  if (depth > 8 || value === null) return [];
  if (typeof value === "string") {
    if (!/^\s*\{[\s\S]*"Statement"/.test(value)) return [];
    const document = parsed(value);
    return document === undefined ? [] : [{ path, ...kindOf(statementsOf(document)), document }];
  }
  if (typeof value !== "object") return [];
  const statements = statementsOf(value);
  if (statements.length > 0) {
    const document = Array.isArray(value) || isStatement(value) ? { Version: "2012-10-17", Statement: value } : value;
    return [{ path, ...kindOf(statements), document }];
  }
  return Object.entries(value).flatMap(([key, inner]) =>
    documentsWithin(inner, Array.isArray(value) ? `${path}[${key}]` : path === "" ? key : `${path}.${key}`, depth + 1),
  );
}

/** Those of a document, a list, or the one that it is itself. */
function statementsOf(value: object): Record<string, unknown>[] {
  if (isStatement(value)) return [value];
  if (Array.isArray(value)) return value.length > 0 && value.every(isStatement) ? value : [];
  const { Statement: within } = value as { Statement?: unknown };
  if (Array.isArray(within)) return within.filter(isStatement);
  return isStatement(within) ? [within] : [];
}

function isStatement(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return "Effect" in value && ("Action" in value || "NotAction" in value);
}

function kindOf(statements: Record<string, unknown>[]): { kind: Kind } {
  if (!statements.some((statement) => "Principal" in statement || "NotPrincipal" in statement)) return identity;
  const assumes = statements.every(({ Action }) => [Action].flat().every((action) => /^sts:/i.test(String(action))));
  return { kind: assumes ? "trust" : "resource" };
}

function parsed(text: string): object | undefined {
  try {
    const value = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
