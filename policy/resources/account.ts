/** Which account the stack is deployed to, as far as its own resources say. */
import type { StackResource } from "./resource.ts";

/** Where accounts of others stand, too. */
const OTHERS = /principal|condition|sourceArn|sourceAccount|permissionsBoundary/i;

/** The account that stands in most of the ARNs that the resources name; undefined where none does. */
export function accountIn(resources: StackResource[]): string | undefined {
  const counts = new Map<string, number>();
  for (const { props } of resources) {
    for (const account of accountsWithin(props)) counts.set(account, (counts.get(account) ?? 0) + 1);
  }
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
}

function accountsWithin(value: unknown, depth = 0): string[] {
  if (typeof value === "string") {
    if (/^\s*\{/.test(value)) return accountsWithin(parsed(value), depth + 1);
    const account = /^arn:[^:]+:[^:]+:[^:]*:(\d{12}):/.exec(value)?.[1];
    return account === undefined ? [] : [account];
  }
  if (depth > 10 || typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => (OTHERS.test(key) ? [] : accountsWithin(inner, depth + 1)));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
