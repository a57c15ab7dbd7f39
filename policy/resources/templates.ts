/** Policy documents in CloudFormation templates. */
import { parseDocument, type Tags } from "yaml";
import { SOME_ARN } from "../document/scope.ts";
import { documentsWithin } from "./documentsWithin.ts";
import type { PlacedDocument } from "./placedDocument.ts";

type Template = Record<string, unknown>;

/**
 * Finds the documents in a template or in the properties of one resource.
 *
 * @param text JSON or YAML text, or the parsed template
 * @param typeName such as `AWS::IAM::Role`, if the text has the properties of one resource
 */
export function documentsInTemplate(text: unknown, path: string, typeName?: unknown): PlacedDocument[] {
  const parsed = typeof text === "string" ? parseTemplate(text) : text;
  if (!isRecord(parsed)) return [];
  const resources = typeof typeName === "string" ? { "": { Type: typeName, Properties: parsed } } : parsed.Resources;
  if (!isRecord(resources)) return [];
  return Object.entries(resources).flatMap(([name, resource]) => {
    if (!isRecord(resource)) return [];
    const { Type: type, Properties: properties } = resource;
    if (NOT_IAM.has(String(type))) return [];
    const at = name === "" ? path : `${path}.Resources.${name}.Properties`;
    const service = SERVICES.get(String(type).split("::")[1] ?? "");
    return documentsWithin(withoutIntrinsics(properties), at).map((found) =>
      found.kind === "resource" && service !== undefined ? { ...found, service } : found,
    );
  });
}

/**
 * Returns undefined for text that can't contain a policy document (it has no `Effect`), or that can't be parsed:
 * CloudFormation rejects such a template.
 */
function parseTemplate(text: string): unknown {
  if (!/Effect/.test(text)) return undefined;
  try {
    return parseDocument(text, { customTags: INTRINSIC_TAGS, logLevel: "silent" }).toJS();
  } catch {
    return undefined;
  }
}

/** Tags that convert short forms such as `!Sub` to long ones such as `Fn::Sub`. */
const INTRINSIC_TAGS: Tags = [
  "Ref",
  "GetAtt",
  "Sub",
  "Join",
  "Select",
  "Split",
  "ImportValue",
  "If",
  "FindInMap",
].flatMap((name) => {
  const key = name === "Ref" ? name : `Fn::${name}`;
  return [
    { tag: `!${name}`, resolve: (value: string) => ({ [key]: value }) },
    {
      tag: `!${name}`,
      collection: "seq" as const,
      resolve: (value: { toJSON(): unknown }) => ({ [key]: value.toJSON() }),
    },
  ];
}) as Tags;

const NOT_IAM = new Set(["AWS::SSM::Parameter", "AWS::SecretsManager::Secret", "AWS::RAM::Permission"]);

/** Prefixes of services whose policies have specific rules. */
const SERVICES = new Map<string, string>(
  Object.entries({
    ...{ S3: "s3", SQS: "sqs", SNS: "sns", KMS: "kms", ECR: "ecr", Lambda: "lambda", Events: "events", Logs: "logs" },
    ...{ SecretsManager: "secretsmanager", ApiGateway: "execute-api", Backup: "backup", OpenSearchService: "es" },
  }),
);

/**
 * Replaces each intrinsic function with the text that it stands for if that is known, and otherwise with an ARN that is
 * treated as one resource.
 */
function withoutIntrinsics(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutIntrinsics);
  if (!isRecord(value)) return value;
  const [[key, argument] = ["", undefined], ...others] = Object.entries(value);
  if (others.length > 0 || !/^(Ref$|Fn::)/.test(key)) {
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withoutIntrinsics(inner)]));
  }
  if (key === "Ref") return PSEUDO_PARAMETERS.get(String(argument)) ?? SOME_ARN;
  if (key === "Fn::Sub") return substituted([argument].flat()[0]);
  if (key === "Fn::Join" && Array.isArray(argument)) {
    const [separator, parts] = argument as [string, unknown];
    const texts = [withoutIntrinsics(parts)].flat().map((part) => (part === SOME_ARN ? "Name" : part));
    if (texts.every((part) => typeof part === "string")) return texts.join(separator);
  }
  return SOME_ARN;
}

const PSEUDO_PARAMETERS = new Map<string, string>(
  Object.entries({
    "AWS::AccountId": "ACCOUNT",
    "AWS::Partition": "aws",
    "AWS::Region": "REGION",
    "AWS::URLSuffix": "amazonaws.com",
  }),
);

/**
 * Substitutes names: `${!aws:username}` is a policy variable, `${AWS::Region}` a parameter, and all others are
 * resources.
 */
function substituted(text: unknown): string {
  if (typeof text !== "string") return SOME_ARN;
  if (/^\$\{[\w.]+\}$/.test(text)) return SOME_ARN;
  // `${Bucket.Arn}/*` becomes an ARN, and the text after the name stays.
  const named = text.replace(
    /\$\{([\w.:]+)\}/g,
    (_, name: string) => PSEUDO_PARAMETERS.get(name) ?? (name.endsWith("Arn") ? "arn:aws:unknown:::Name" : "Name"),
  );
  return named.replaceAll("${!", "${");
}

function isRecord(value: unknown): value is Template {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
