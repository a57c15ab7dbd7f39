/** Where policy documents stand in the resources of a stack. */
import type { DocumentKind } from "../document/subject.ts";
import { isUnknown } from "./unknown.ts";

/** A document as it was found. */
export interface PlacedDocument {
  /** Property path, such as `inlinePolicies[0].policy`. */
  path: string;
  kind: DocumentKind;
  /** Whose policy it is; of what is attached to a resource, or to all of an organization. */
  service?: string;
  /** JSON text, an object, or UNKNOWN while its parts are. */
  document: unknown;
}

type What = Pick<PlacedDocument, "kind" | "service">;

const identity = { kind: "identity" } as const;
/** The most that others may grant, or that a session has of its role. */
const boundary = { kind: "boundary" } as const;
const boundaryAt = (service: string) => ({ kind: "boundary", service }) as const;
const resource = (service: string) => ({ kind: "resource", service }) as const;

/** Of an organization's policies some bound identities, some resources, and the others are none of IAM's. */
function ofOrganization({ type }: Record<string, unknown>): What | undefined {
  if (type === "RESOURCE_CONTROL_POLICY") return boundaryAt("organizations");
  return typeof type === "string" && type !== "SERVICE_CONTROL_POLICY" ? undefined : boundary;
}

/** By type, the properties that hold a document. `[]` goes through a list. */
const PLACES: Record<string, Record<string, What | typeof ofOrganization>> = {
  "aws:iam/policy:Policy": { policy: identity },
  "aws:iam/rolePolicy:RolePolicy": { policy: identity },
  "aws:iam/userPolicy:UserPolicy": { policy: identity },
  "aws:iam/groupPolicy:GroupPolicy": { policy: identity },
  "aws:iam/role:Role": { assumeRolePolicy: { kind: "trust" }, "inlinePolicies[].policy": identity },
  "aws:ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy": { inlinePolicy: identity },
  "aws:transfer/user:User": { policy: boundary },
  "aws:transfer/access:Access": { policy: boundary },
  "aws:eks/podIdentityAssociation:PodIdentityAssociation": { policy: boundary },
  "aws:rolesanywhere/profile:Profile": { sessionPolicy: boundary },
  "aws:organizations/policy:Policy": { content: ofOrganization },
  "aws:organizations/resourcePolicy:ResourcePolicy": { content: resource("organizations") },
  "aws:ec2/vpcEndpoint:VpcEndpoint": { policy: boundaryAt("ec2") },
  "aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy": { policy: boundaryAt("ec2") },
  "aws:s3/bucketPolicy:BucketPolicy": { policy: resource("s3") },
  "aws:s3/bucket:Bucket": { policy: resource("s3") },
  "aws:s3/bucketV2:BucketV2": { policy: resource("s3") },
  "aws:s3/accessPoint:AccessPoint": { policy: resource("s3") },
  "aws:s3control/accessPointPolicy:AccessPointPolicy": { policy: resource("s3") },
  "aws:s3control/bucketPolicy:BucketPolicy": { policy: resource("s3-outposts") },
  "aws:s3control/objectLambdaAccessPointPolicy:ObjectLambdaAccessPointPolicy": { policy: resource("s3-object-lambda") },
  "aws:s3control/accessGrantsInstanceResourcePolicy:AccessGrantsInstanceResourcePolicy": { policy: resource("s3") },
  "aws:s3/vectorsVectorBucketPolicy:VectorsVectorBucketPolicy": { policy: resource("s3vectors") },
  "aws:s3tables/tableBucketPolicy:TableBucketPolicy": { resourcePolicy: resource("s3tables") },
  "aws:s3tables/tablePolicy:TablePolicy": { resourcePolicy: resource("s3tables") },
  "aws:sqs/queue:Queue": { policy: resource("sqs") },
  "aws:sqs/queuePolicy:QueuePolicy": { policy: resource("sqs") },
  "aws:sns/topic:Topic": { policy: resource("sns") },
  "aws:sns/topicPolicy:TopicPolicy": { policy: resource("sns") },
  "aws:kms/key:Key": { policy: resource("kms") },
  "aws:kms/keyPolicy:KeyPolicy": { policy: resource("kms") },
  "aws:kms/replicaKey:ReplicaKey": { policy: resource("kms") },
  "aws:kms/externalKey:ExternalKey": { policy: resource("kms") },
  "aws:kms/replicaExternalKey:ReplicaExternalKey": { policy: resource("kms") },
  "aws:secretsmanager/secret:Secret": { policy: resource("secretsmanager") },
  "aws:secretsmanager/secretPolicy:SecretPolicy": { policy: resource("secretsmanager") },
  "aws:ecr/repositoryPolicy:RepositoryPolicy": { policy: resource("ecr") },
  "aws:ecr/registryPolicy:RegistryPolicy": { policy: resource("ecr") },
  "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate": { repositoryPolicy: resource("ecr") },
  "aws:ecrpublic/repositoryPolicy:RepositoryPolicy": { policy: resource("ecr-public") },
  "aws:cloudwatch/eventBusPolicy:EventBusPolicy": { policy: resource("events") },
  "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": { policyDocument: resource("logs") },
  "aws:cloudwatch/logDestinationPolicy:LogDestinationPolicy": { accessPolicy: resource("logs") },
  "aws:cloudwatch/logDeliveryDestinationPolicy:LogDeliveryDestinationPolicy": {
    deliveryDestinationPolicy: resource("logs"),
  },
  "aws:opensearch/domain:Domain": { accessPolicies: resource("es") },
  "aws:opensearch/domainPolicy:DomainPolicy": { accessPolicies: resource("es") },
  "aws:elasticsearch/domain:Domain": { accessPolicies: resource("es") },
  "aws:elasticsearch/domainPolicy:DomainPolicy": { accessPolicies: resource("es") },
  "aws:apigateway/restApi:RestApi": { policy: resource("execute-api") },
  "aws:apigateway/restApiPolicy:RestApiPolicy": { policy: resource("execute-api") },
  "aws:backup/vaultPolicy:VaultPolicy": { policy: resource("backup") },
  "aws:efs/fileSystemPolicy:FileSystemPolicy": { policy: resource("elasticfilesystem") },
  "aws:glacier/vault:Vault": { accessPolicy: resource("glacier") },
  "aws:glacier/vaultLock:VaultLock": { policy: resource("glacier") },
  "aws:ses/identityPolicy:IdentityPolicy": { policy: resource("ses") },
  "aws:sesv2/emailIdentityPolicy:EmailIdentityPolicy": { policy: resource("ses") },
  "aws:codeartifact/domainPermissions:DomainPermissions": { policyDocument: resource("codeartifact") },
  "aws:codeartifact/repositoryPermissionsPolicy:RepositoryPermissionsPolicy": {
    policyDocument: resource("codeartifact"),
  },
  "aws:dynamodb/resourcePolicy:ResourcePolicy": { policy: resource("dynamodb") },
  "aws:kinesis/resourcePolicy:ResourcePolicy": { policy: resource("kinesis") },
  "aws:glue/resourcePolicy:ResourcePolicy": { policy: resource("glue") },
  "aws:schemas/registryPolicy:RegistryPolicy": { policy: resource("schemas") },
  "aws:acmpca/policy:Policy": { policy: resource("acm-pca") },
  "aws:amp/resourcePolicy:ResourcePolicy": { policyDocument: resource("aps") },
  "aws:bedrock/agentcoreResourcePolicy:AgentcoreResourcePolicy": { policy: resource("bedrock-agentcore") },
  "aws:cloudsearch/domainServiceAccessPolicy:DomainServiceAccessPolicy": { accessPolicy: resource("cloudsearch") },
  "aws:codebuild/resourcePolicy:ResourcePolicy": { policy: resource("codebuild") },
  "aws:dsql/clusterPolicy:ClusterPolicy": { policy: resource("dsql") },
  "aws:lambda/resourcePolicy:ResourcePolicy": { policy: resource("lambda") },
  "aws:msk/clusterPolicy:ClusterPolicy": { policy: resource("kafka") },
  "aws:networkfirewall/resourcePolicy:ResourcePolicy": { policy: resource("network-firewall") },
  "aws:oam/sinkPolicy:SinkPolicy": { policy: resource("oam") },
  "aws:opensearchingest/resourcePolicy:ResourcePolicy": { policy: resource("osis") },
  "aws:pinpoint/smsvoicev2ResourcePolicy:Smsvoicev2ResourcePolicy": { policy: resource("sms-voice") },
  "aws:redshift/resourcePolicy:ResourcePolicy": { policy: resource("redshift") },
  "aws:redshiftserverless/resourcePolicy:ResourcePolicy": { policy: resource("redshift-serverless") },
  "aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy": { resourcePolicy: resource("sagemaker") },
  "aws:vpclattice/authPolicy:AuthPolicy": { policy: resource("vpc-lattice-svcs") },
  "aws:vpclattice/resourcePolicy:ResourcePolicy": { policy: resource("vpc-lattice") },
  "aws:xray/resourcePolicy:ResourcePolicy": { policyDocument: resource("xray") },
  "aws:mediastore/containerPolicy:ContainerPolicy": { policy: resource("mediastore") },
  "aws:iot/policy:Policy": { policy: identity },
};

/** The documents of a resource: where its type has them, else wherever something looks like one. */
export function documentsOf(type: string, props: Record<string, unknown>): PlacedDocument[] {
  const known = PLACES[type];
  if (known === undefined) return documentsWithin(props, "");
  return Object.entries(known).flatMap(([path, entry]) => {
    const what = typeof entry === "function" ? entry(props) : entry;
    return what === undefined
      ? []
      : valuesAt(props, path).map(([found, document]) => ({ path: found, ...what, document }));
  });
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
  return value.flatMap((item, i): [string, unknown][] => {
    if (isUnknown(item)) return [[`${head}[${i}]`, item]];
    return item?.[tail] === undefined ? [] : [[`${head}[${i}].${tail}`, item[tail]]];
  });
}

/**
 * Documents and lists of statements anywhere in the inputs: of components, which hand over what their children get, and
 * of resources whose type is not in the table.
 */
function documentsWithin(value: unknown, path: string, depth = 0): PlacedDocument[] {
  if (depth > 8 || value === null) return [];
  const written = typeof value === "string" ? parsed(value) : value;
  if (typeof written !== "object" || written === null) return [];
  const statements = statementsOf(written);
  if (statements.length > 0) {
    const isDocument = !Array.isArray(written) && !isStatement(written);
    const document = isDocument ? written : { Version: "2012-10-17", Statement: written };
    return [{ path, ...kindOf(statements), document }];
  }
  // A text may be whatever else, with documents in a language of its own: a template of CloudFormation.
  if (written !== value) return [];
  return Object.entries(written).flatMap(([key, inner]) =>
    documentsWithin(
      inner,
      Array.isArray(written) ? `${path}[${key}]` : path === "" ? key : `${path}.${key}`,
      depth + 1,
    ),
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

function kindOf(statements: Record<string, unknown>[]): { kind: DocumentKind } {
  if (!statements.some((statement) => "Principal" in statement || "NotPrincipal" in statement)) return identity;
  const assumes = statements.every(({ Action }) => [Action].flat().every((action) => /^sts:/i.test(String(action))));
  return { kind: assumes ? "trust" : "resource" };
}

function parsed(text: string): object | undefined {
  if (!/^\s*[[{][\s\S]*"Effect"/.test(text)) return undefined;
  try {
    const value = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
