/** Policy documents in CloudFormation templates. */
import { documentsWithin } from "./documentsWithin.ts";
import { isRecord } from "./intrinsics.ts";
import type { PlacedDocument } from "./placedDocument.ts";
import { resourcesOfTemplate } from "./templateResources.ts";
import { isUnknown, UNKNOWN } from "./unknown.ts";

/**
 * Finds the documents in a template or in the properties of one resource. A document that depends on conditions is
 * found once in each version that they give it.
 *
 * @param text JSON or YAML text, or the parsed template
 * @param typeName such as `AWS::IAM::Role`, if the text has the properties of one resource
 */
export function documentsInTemplate(text: unknown, path: string, typeName?: unknown): PlacedDocument[] {
  return resourcesOfTemplate(text, path, typeName).flatMap(({ type, path: at, versions }) => {
    if (NOT_IAM.has(type)) return [];
    const service = SERVICES.get(type.split("::")[1] ?? "");
    const documents = versions.flatMap((properties) => documentsOf(type, properties, at, versions.length > 1));
    return markVersions(withoutRepeated(documents)).map((found) =>
      found.kind === "resource" && service !== undefined ? { ...found, service } : found,
    );
  });
}

const NOT_IAM = new Set(["AWS::SSM::Parameter", "AWS::SecretsManager::Secret", "AWS::RAM::Permission"]);

/** Prefixes of services whose policies have specific rules. */
const SERVICES = new Map<string, string>(
  Object.entries({
    ...{ S3: "s3", SQS: "sqs", SNS: "sns", KMS: "kms", ECR: "ecr", Lambda: "lambda", Events: "events", Logs: "logs" },
    ...{ SecretsManager: "secretsmanager", ApiGateway: "execute-api", Backup: "backup", OpenSearchService: "es" },
  }),
);

function documentsOf(type: string, properties: unknown, at: string, isConditional: boolean): PlacedDocument[] {
  const found = documentsWithin(properties, at);
  const paths = found.map(({ path }) => path);
  const isFound = (path: string) => paths.some((one) => one.startsWith(path));
  const others = NAMED.test(type) ? namedDocuments(properties, at, type) : [];
  return [
    ...found.flatMap(withoutUnknownStatements),
    ...others.filter(({ path, document }) => !isFound(path) && !(isConditional && hasNoStatement(document))),
  ];
}

/** Types whose documents have a name that no other syntax uses. */
const NAMED = /^AWS::(IAM|S3|SQS|SNS|KMS|ECR|IoT|Serverless)::/;
const DOCUMENT_NAME = /^(PolicyDocument|AssumeRolePolicyDocument|KeyPolicy|RepositoryPolicyText)$/;

/**
 * Values that have the place of a document without its shape. CloudFormation or IAM would reject them, unless they are
 * unknown.
 */
function namedDocuments(value: unknown, at: string, type: string): PlacedDocument[] {
  const kind = /^AWS::(IAM|IoT|Serverless)::/.test(type) ? "identity" : "resource";
  if (Array.isArray(value)) return value.flatMap((item, i) => namedDocuments(item, `${at}[${i}]`, type));
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([name, inner]): PlacedDocument[] => {
    const path = `${at}.${name}`;
    if (DOCUMENT_NAME.test(name)) {
      const hasUnknown = isRecord(inner) && [inner.Statement].flat().some(isUnknown);
      return [{ path, kind: /^Assume/.test(name) ? "trust" : kind, document: hasUnknown ? UNKNOWN : inner }];
    }
    return name === "Policies" && kind === "identity"
      ? inlinePolicies(inner, path, type)
      : namedDocuments(inner, path, type);
  });
}

/** Inline policies of IAM have a name and a document. In SAM, a policy can also be a name or a document itself. */
function inlinePolicies(policies: unknown, at: string, type: string): PlacedDocument[] {
  const isOfSam = type.startsWith("AWS::Serverless::");
  const isList = Array.isArray(policies);
  return [policies].flat().flatMap((policy, i): PlacedDocument[] => {
    const path = isList ? `${at}[${i}]` : at;
    if (policy === null) return [];
    if (isOfSam) return isRecord(policy) && "Statement" in policy ? [{ path, kind: "identity", document: policy }] : [];
    if (isRecord(policy) && "PolicyDocument" in policy) return namedDocuments(policy, path, type);
    return [{ path, kind: "identity", document: isRecord(policy) ? policy.PolicyDocument : policy }];
  });
}

/** Whether conditions have removed every statement. Such a version is rarely meant to be deployed. */
function hasNoStatement(document: unknown): boolean {
  return isRecord(document) && Array.isArray(document.Statement) && document.Statement.length === 0;
}

/** Splits a document of which a part is unknown into the part that can be checked and the one that can't. */
function withoutUnknownStatements(found: PlacedDocument): PlacedDocument[] {
  const { document } = found;
  if (!isRecord(document) || !Array.isArray(document.Statement) || !document.Statement.some(isUnknown)) return [found];
  const known = document.Statement.filter((statement) => !isUnknown(statement));
  return [
    { ...found, document: { ...document, Statement: known } },
    { ...found, document: UNKNOWN },
  ];
}

function withoutRepeated(documents: PlacedDocument[]): PlacedDocument[] {
  const keyOf = ({ path, document }: PlacedDocument) => `${path} ${isUnknown(document) || JSON.stringify(document)}`;
  return [...new Map(documents.map((found) => [keyOf(found), found])).values()];
}

/** Marks documents that are versions of one document. */
function markVersions(documents: PlacedDocument[]): PlacedDocument[] {
  return documents.map((found) =>
    documents.some((other) => other !== found && other.path === found.path) ? { ...found, isVersion: true } : found,
  );
}
