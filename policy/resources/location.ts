/** Where the stack is deployed to, as far as its own resources say. */
import type { StackResource } from "./resource.ts";

export interface StackLocation {
  account?: string;
  region?: string;
}

/** Where accounts of others stand, too. */
const OTHERS = /principal|condition|sourceArn|sourceAccount|permissionsBoundary/i;

/** Account and Region that stand in most of the ARNs that the resources name; undefined where none does. */
export function locationOf(resources: StackResource[]): StackLocation {
  const arns = resources.flatMap(({ props }) => arnsWithin(props)).map((arn) => arn.split(":"));
  const account = mostCommon(arns.flatMap(([, , , , part = ""]) => (/^\d{12}$/.test(part) ? [part] : [])));
  const region = mostCommon(arns.flatMap(([, , , part = ""]) => (/^[a-z]{2}(-[a-z]+)+-\d$/.test(part) ? [part] : [])));
  return { ...(account === undefined ? {} : { account }), ...(region === undefined ? {} : { region }) };
}

function mostCommon(values: string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
}

function arnsWithin(value: unknown, depth = 0): string[] {
  if (typeof value === "string") {
    if (/^\s*\{/.test(value)) return arnsWithin(parsed(value), depth + 1);
    return value.startsWith("arn:") ? [value] : [];
  }
  if (depth > 10 || typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => (OTHERS.test(key) ? [] : arnsWithin(inner, depth + 1)));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
