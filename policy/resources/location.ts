/** Determines the account and Region that a stack is deployed to, if its resources show them. */
import type { StackResource } from "./resource.ts";

export interface StackLocation {
  account?: string;
  region?: string;
}

/** Properties that may name other accounts. */
const OTHERS = /principal|condition|sourceArn|sourceAccount|permissionsBoundary|policyArn|trusted|peer/i;

/** Properties whose value is the stack's own account. */
const OWN = /^(ownerId|registryId|callerAccount|(aws)?account(id)?)$/i;

/** Types whose `accountId` is another account. */
const NAMES_OTHER_ACCOUNTS =
  /^(pulumi:providers:|aws:(organizations|ram|ssoadmin|guardduty|securityhub|macie2|inspector2|detective|ec2\/snapshot|ec2\/ami)\b)/;

/**
 * The account and Region that a provider names, or else those that occur most often in ARNs, addresses of queues and
 * registries, and properties such as `ownerId`; undefined if nothing names one.
 */
export function locationOf(resources: StackResource[]): StackLocation {
  const provided = resources.flatMap(({ provider }) => allowedAccountOf(provider) ?? []);
  const texts = resources.flatMap(({ type, props }) => textsWithin(props, "", type));
  const account = provided[0] ?? mostCommon(texts.flatMap(accountIn));
  const region =
    mostCommon(resources.flatMap(({ provider }) => (typeof provider?.region === "string" ? provider.region : []))) ??
    mostCommon(texts.flatMap(({ text }) => (text.startsWith("arn:") ? regionIn(text) : [])));
  return { ...(account === undefined ? {} : { account }), ...(region === undefined ? {} : { region }) };
}

/** The only account that a provider may deploy to, according to `allowedAccountIds` or the role that it assumes. */
function allowedAccountOf(provider: Record<string, unknown> | undefined): string | undefined {
  if (provider === undefined) return undefined;
  const allowed = [parsed(provider.allowedAccountIds)].flat();
  if (allowed.length === 1 && isAccount(allowed[0])) return allowed[0];
  const [role] = [parsed(provider.assumeRoles) ?? parsed(provider.assumeRole)].flat();
  const arn = (role as { roleArn?: unknown } | undefined)?.roleArn;
  return typeof arn === "string" ? /^arn:[^:]*:iam::(\d{12}):/.exec(arn)?.[1] : undefined;
}

interface Text {
  text: string;
  key: string;
}

function accountIn({ text, key }: Text): string[] {
  if (text.startsWith("arn:")) return [text.split(":")[4] ?? ""].filter(isAccount);
  if (OWN.test(key) && isAccount(text)) return [text];
  const [, account] = /^(?:https:\/\/sqs\.[\w.-]+\/)?(\d{12})(?:\/|\.dkr\.ecr\.)/.exec(text) ?? [];
  return account === undefined ? [] : [account];
}

function regionIn(arn: string): string[] {
  const [, , , part = ""] = arn.split(":");
  return /^[a-z]{2}(-[a-z]+)+-\d$/.test(part) ? [part] : [];
}

function isAccount(value: unknown): value is string {
  return typeof value === "string" && /^\d{12}$/.test(value);
}

function mostCommon(values: string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
}

function textsWithin(value: unknown, key: string, type: string, depth = 0): Text[] {
  if (typeof value === "string") {
    if (/^\s*\{/.test(value)) return textsWithin(parsed(value), key, type, depth + 1);
    return OWN.test(key) && NAMES_OTHER_ACCOUNTS.test(type) ? [] : [{ text: value, key }];
  }
  if (depth > 10 || typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    if (OTHERS.test(name)) return [];
    return textsWithin(inner, Array.isArray(value) ? key : name, type, depth + 1);
  });
}

function parsed(text: unknown): unknown {
  if (typeof text !== "string") return text;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
