/** The configuration of the pack, which applies to all rules. */
import type { AccessLevel } from "@serverless-chat/iam";
import type { BaselineEntry } from "./baseline.ts";
import type { Exception } from "./exceptions.ts";
import type { Finding, Severity } from "./finding.ts";
import type { StackContext } from "./resources/resource.ts";

/** `mandatory` stops a preview or update, `advisory` reports, `disabled` does neither. */
export type Level = "mandatory" | "advisory" | "disabled";

/**
 * `recommended`: findings about wide access, public access and escalation stop the preview, and the others are advice.
 * `strict`: all findings stop it. `audit`: all findings are advice.
 */
export type Preset = "recommended" | "strict" | "audit";

export interface Settings extends StackContext {
  /** @default "recommended" */
  preset?: Preset;
  /** Levels by rule, such as `{ "shared-role": "disabled" }`. They override the preset. */
  levels?: Record<string, Level>;
  /**
   * Levels by the access that a statement gives, such as `{ "read": "advisory" }`. They override the preset, and apply
   * to findings in statements whose actions all have that access or less.
   */
  accessLevels?: Partial<Record<"list" | "read" | "write" | "permissions", Level>>;
  exceptions?: Exception[];
  /** Findings that existed when the pack was adopted, as `serverless-chat-policy baseline` records them. */
  baseline?: BaselineEntry[];
  /** Absolute paths of report files to write at the end of a preview or update. */
  reports?: { json?: string; sarif?: string; junit?: string };
}

const PRESETS: Record<Preset, Record<Severity, Level>> = {
  recommended: { high: "mandatory", medium: "advisory", low: "advisory" },
  strict: { high: "mandatory", medium: "mandatory", low: "mandatory" },
  audit: { high: "advisory", medium: "advisory", low: "advisory" },
};

/**
 * The level of a finding: by its rule, or else by the access of its statement, or else by the preset and its severity.
 */
export function levelOf(
  { rule, severity, access }: Pick<Finding, "rule" | "severity"> & { access?: AccessLevel },
  { preset = "recommended", levels = {}, accessLevels = {} }: Settings,
): Level {
  const byAccess = access === undefined ? undefined : accessLevels[access === "tagging" ? "write" : access];
  return levels[rule] ?? byAccess ?? PRESETS[preset][severity];
}

/** JSON schema of the settings, limited to what Pulumi's configuration supports. */
export const SETTINGS_SCHEMA = {
  properties: {
    preset: { type: "string" as const, enum: ["recommended", "strict", "audit"] },
    levels: { type: "object" as const },
    accessLevels: { type: "object" as const },
    account: { type: "string" as const, pattern: "^\\d{12}$" },
    region: { type: "string" as const },
    trustedAccounts: { type: "array" as const, items: { type: "string" as const, pattern: "^\\d{12}$" } },
    organizationId: { type: "string" as const, pattern: "^o-[a-z0-9]{10,32}$" },
    allowedManagedPolicies: { type: "array" as const, items: { type: "string" as const, minLength: 1 } },
    permissionsBoundary: { type: "string" as const, pattern: "^arn:" },
    exceptions: {
      type: "array" as const,
      items: {
        type: "object" as const,
        required: ["rule", "reason", "until"],
        additionalProperties: false,
        properties: {
          rule: { type: "string" as const, minLength: 1 },
          resource: { type: "string" as const, minLength: 1 },
          type: { type: "string" as const, minLength: 1 },
          parent: { type: "string" as const, minLength: 1 },
          statement: { type: "string" as const, minLength: 1 },
          reason: { type: "string" as const, minLength: 1 },
          until: { type: "string" as const, pattern: "^\\d{4}-\\d{2}-\\d{2}$" },
        },
      },
    },
    baseline: {
      type: "array" as const,
      items: {
        type: "object" as const,
        required: ["rule", "resource", "statement", "since"],
        additionalProperties: false,
        properties: {
          rule: { type: "string" as const },
          resource: { type: "string" as const },
          statement: { type: "string" as const },
          since: { type: "string" as const, pattern: "^\\d{4}-\\d{2}-\\d{2}$" },
        },
      },
    },
    reports: {
      type: "object" as const,
      additionalProperties: false,
      properties: {
        json: { type: "string" as const, minLength: 1 },
        sarif: { type: "string" as const, minLength: 1 },
        junit: { type: "string" as const, minLength: 1 },
      },
    },
  },
};

/**
 * Checks the names in settings, because the engine passes them on unchecked.
 *
 * @param rules ids of all rules
 * @throws Error naming the unknown key, rule or level and the valid ones
 */
export function checkSettings(settings: Settings, rules: string[]): void {
  const fail = (what: string, valid: string[]): never => {
    throw new Error(`the settings have ${what}, which doesn't exist; use one of ${valid.join(", ")}`);
  };
  const keys = Object.keys(SETTINGS_SCHEMA.properties);
  for (const key of Object.keys(settings)) if (!keys.includes(key)) fail(`the key "${key}"`, keys);
  const { levels = {}, accessLevels = {}, exceptions = [], preset } = settings;
  if (preset !== undefined && !(preset in PRESETS)) fail(`the preset "${preset}"`, Object.keys(PRESETS));
  for (const rule of Object.keys(levels)) if (!rules.includes(rule)) fail(`a level for the rule "${rule}"`, rules);
  const access = ["list", "read", "write", "permissions"];
  for (const one of Object.keys(accessLevels))
    if (!access.includes(one)) fail(`a level for the access level "${one}"`, access);
  const valid = ["mandatory", "advisory", "disabled"];
  for (const level of [...Object.values(levels), ...Object.values(accessLevels)])
    if (!valid.includes(level)) fail(`the level "${level}"`, valid);
  for (const { rule } of exceptions) if (!rules.includes(rule)) fail(`an exception for the rule "${rule}"`, rules);
}
