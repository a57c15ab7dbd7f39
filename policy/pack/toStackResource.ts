/** Converts resources to plain data without Pulumi's proxies, with unknown values as UNKNOWN and code as text. */
import type { PolicyResource, ResourceValidationArgs } from "@pulumi/policy";
import * as proxy from "@pulumi/policy/proxy.js";
import type { StackResource } from "../resources/resource.ts";
import { FUNCTION } from "../resources/roles.ts";
import { UNKNOWN } from "../resources/unknown.ts";
import { locate } from "./programFolder.ts";

const UNKNOWNS = new Set<unknown>([
  proxy.unknownStringValue,
  proxy.unknownArrayValue,
  proxy.unknownObjectValue,
  proxy.unknownNumberValue,
  proxy.unknownBooleanValue,
  proxy.unknownAssetValue,
  proxy.unknownArchiveValue,
]);

/** Converts a single resource, before it is created. */
export function toResource({ urn, type, name, props, opts, provider }: ResourceValidationArgs): StackResource {
  const parent = opts.parent;
  const plain = plainOf(behind(props)) as Record<string, unknown>;
  return {
    ...{ urn, type, name, props: plain, propertyDependencies: {} },
    ...(parent === undefined ? {} : { parent }),
    ...(provider === undefined ? {} : { provider: plainOf(behind(provider.props)) as Record<string, unknown> }),
  };
}

/** Converts one of the stack's resources, at the end of a preview or update. */
export async function toStackResource(resource: PolicyResource): Promise<StackResource> {
  const { urn, type, name, parent } = resource;
  const props = plainOf(behind(resource.props)) as Record<string, unknown>;
  if (type === FUNCTION) props.code = await codeIn(resource.props, urn);
  return {
    urn,
    type,
    name,
    props,
    propertyDependencies: Object.fromEntries(
      Object.entries(resource.propertyDependencies).map(([key, from]) => [key, from.map((other) => other.urn)]),
    ),
    ...(parent === undefined ? {} : { parent: parent.urn }),
    ...(resource.provider === undefined
      ? {}
      : { provider: plainOf(behind(resource.provider.props)) as Record<string, unknown> }),
  };
}

/** The code of a function from Pulumi's view of its properties, with absolute paths. */
export function codeIn(props: object, urn: string): Promise<unknown> {
  return codeOf((behind(props) as { code?: unknown }).code, urn.split("::")[1] ?? "");
}

/** The object behind a proxy that throws on unknown values. */
function behind(value: unknown): object {
  return (value as { __getSpecialProxyTarget?: object }).__getSpecialProxyTarget ?? (value as object);
}

function plainOf(value: unknown): unknown {
  if (UNKNOWNS.has(value)) return UNKNOWN;
  if (Array.isArray(value)) return value.map(plainOf);
  if (typeof value !== "object" || value === null) return value;
  // Assets and archives are read separately.
  if ("__pulumiAsset" in value || "__pulumiArchive" in value) return undefined;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plainOf(inner)]));
}

/** Converts an asset or archive. UNKNOWN if it isn't known yet, undefined if there is none. */
async function codeOf(code: unknown, project: string): Promise<unknown> {
  if (UNKNOWNS.has(code)) return UNKNOWN;
  if (typeof code !== "object" || code === null) return undefined;
  const { assets, text, path, uri } = code as Record<"assets" | "text" | "path" | "uri", Promise<unknown> | undefined>;
  if (assets !== undefined) {
    const within = Object.entries((await assets) ?? {}).map(async ([name, asset]) => [
      name,
      await codeOf(asset, project),
    ]);
    return { assets: Object.fromEntries(await Promise.all(within)) };
  }
  if (text !== undefined) return { text: await text };
  if (uri !== undefined) return { uri: await uri };
  const found = await path;
  return typeof found === "string" ? { path: locate(found, project) } : undefined;
}
