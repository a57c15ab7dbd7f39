/** Finds the policy documents in the inputs of a resource. */
import { documentsWithin } from "./documentsWithin.ts";
import type { PlacedDocument } from "./placedDocument.ts";
import { documentsInTemplate } from "./templates.ts";
import { isUnknown } from "./unknown.ts";

type What = Pick<PlacedDocument, "kind" | "service" | "holder" | "maxCharacters">;
type Props = Record<string, unknown>;

const identity = { kind: "identity" } as const;
/** A boundary: the maximum that other policies can grant, or that a session can use of its role's permissions. */
const boundary = { kind: "boundary" } as const;
const boundaryAt = (service: string) => ({ kind: "boundary", service }) as const;
const resource = (service: string) => ({ kind: "resource", service }) as const;

/** An inline policy, whose holder is named by a property. */
const inline = (property: string, maxCharacters: number) => (props: Props) => {
  const holder = props[property];
  return { ...identity, maxCharacters, ...(typeof holder === "string" ? { holder } : {}) };
};

/** Some organization policies limit identities, some limit resources, and the others aren't IAM documents. */
function ofOrganization({ type }: Props): What | undefined {
  if (type === "RESOURCE_CONTROL_POLICY") return boundaryAt("organizations");
  return typeof type === "string" && type !== "SERVICE_CONTROL_POLICY" ? undefined : boundary;
}

/** Properties that hold a document, by type of resource. `[]` stands for every item of a list. */
export const DOCUMENT_PROPERTIES: Record<string, Record<string, What | ((props: Props) => What | undefined)>> = {
  "aws:iam/policy:Policy": { policy: { ...identity, maxCharacters: 6_144 } },
  "aws:iam/rolePolicy:RolePolicy": { policy: inline("role", 10_240) },
  "aws:iam/userPolicy:UserPolicy": { policy: inline("user", 2_048) },
  "aws:iam/groupPolicy:GroupPolicy": { policy: inline("group", 5_120) },
  "aws:iam/role:Role": { assumeRolePolicy: { kind: "trust" }, "inlinePolicies[].policy": inline("name", 10_240) },
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
  "aws:apigateway/domainName:DomainName": { policy: resource("execute-api") },
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
  "aws:s3/filesFileSystemPolicy:FilesFileSystemPolicy": { policy: resource("s3files") },
};

/** Properties that contain template text. */
const TEMPLATES: Record<string, (props: Props) => PlacedDocument[]> = {
  "aws:cloudformation/stack:Stack": ({ templateBody }) => documentsInTemplate(templateBody, "templateBody"),
  "aws:cloudformation/stackSet:StackSet": ({ templateBody }) => documentsInTemplate(templateBody, "templateBody"),
  "aws:cloudcontrol/resource:Resource": ({ desiredState, typeName }) =>
    documentsInTemplate(desiredState, "desiredState", typeName),
};

/**
 * Finds the policy documents of a resource: in the properties that are known for its type or, if none are known,
 * wherever something looks like a document.
 */
export function documentsOf(type: string, props: Props): PlacedDocument[] {
  const inTemplate = TEMPLATES[type];
  if (inTemplate !== undefined) return inTemplate(props);
  const known = DOCUMENT_PROPERTIES[type];
  if (known === undefined) return hasNoIamPolicies(type) ? [] : documentsWithin(props, "");
  return Object.entries(known).flatMap(([path, entry]) => {
    const what = typeof entry === "function" ? entry(props) : entry;
    return what === undefined
      ? []
      : valuesAt(props, path).map(([found, document]) => ({ path: found, ...what, document }));
  });
}

/**
 * Whether a type has no IAM policies. Parameters, objects and secrets may hold a document that is only data, and stack
 * policies and RAM permissions have the form of IAM documents but not their meaning.
 */
function hasNoIamPolicies(type: string): boolean {
  return (
    OTHER_SYNTAX.has(type) || /^(kubernetes|docker|docker-build|random|tls|local|command|archive|std|time):/.test(type)
  );
}

const OTHER_SYNTAX = new Set([
  "aws:appconfig/hostedConfigurationVersion:HostedConfigurationVersion",
  "aws:dynamodb/tableItem:TableItem",
  "aws:lambda/function:Function",
  "aws:ram/permission:Permission",
  "aws:s3/bucketObject:BucketObject",
  "aws:s3/bucketObjectv2:BucketObjectv2",
  "aws:secretsmanager/secretVersion:SecretVersion",
  "aws:ssm/document:Document",
  "aws:ssm/parameter:Parameter",
  "aws:verifiedpermissions/policy:Policy",
]);

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
