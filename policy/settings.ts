/** The configuration of the pack, which applies to all rules. */
import type { AccessLevel } from "@serverless-chat/iam";
import type { BaselineEntry } from "./baseline.ts";
import type { Exception } from "./exceptions.ts";
import type { Finding, Severity } from "./finding.ts";
import type { StackContext } from "./resources/resource.ts";
import { schemaProblem } from "./schemaProblem.ts";
import { type Schema, SETTINGS_SCHEMA } from "./settingsSchema.ts";

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

/** The id of reports that a document can't be checked. They are advice in every preset. */
export const UNKNOWN_DOCUMENT = "unknown-document";

/**
 * The level of a finding: by its rule, or else by the access of its statement, or else by the preset and its severity.
 */
export function levelOf(
  { rule, severity, access }: Pick<Finding, "rule" | "severity"> & { access?: AccessLevel },
  { preset = "recommended", levels = {}, accessLevels = {} }: Settings,
): Level {
  if (rule === UNKNOWN_DOCUMENT) return "advisory";
  const byAccess = access === undefined ? undefined : accessLevels[access === "tagging" ? "write" : access];
  return levels[rule] ?? byAccess ?? PRESETS[preset][severity];
}

/**
 * Checks settings against the schema, and the names in them, because the engine checks only the schema and the command
 * line nothing.
 *
 * @param rules ids of all rules
 * @throws Error naming the value and what is expected, or the unknown key, rule or level and the valid ones
 */
export function checkSettings(settings: Settings, rules: string[]): void {
  const fail = (what: string, valid: string[]): never => {
    throw new Error(`the settings have ${what}, which doesn't exist; use one of ${valid.join(", ")}`);
  };
  const keys = Object.keys(SETTINGS_SCHEMA.properties);
  const conforms = (schema: Schema) => {
    const problem = schemaProblem(schema, settings, "settings");
    if (problem !== undefined) throw new Error(problem);
  };
  conforms({ type: "object" });
  for (const key of Object.keys(settings)) if (!keys.includes(key)) fail(`the key "${key}"`, keys);
  const { levels = {}, accessLevels = {}, exceptions = [], preset } = settings;
  if (typeof preset === "string" && !Object.hasOwn(PRESETS, preset))
    fail(`the preset "${preset}"`, Object.keys(PRESETS));
  conforms(SETTINGS_SCHEMA);
  for (const rule of Object.keys(levels)) if (!rules.includes(rule)) fail(`a level for the rule "${rule}"`, rules);
  const access = ["list", "read", "write", "permissions"];
  for (const one of Object.keys(accessLevels))
    if (!access.includes(one)) fail(`a level for the access level "${one}"`, access);
  const valid = ["mandatory", "advisory", "disabled"];
  for (const level of [...Object.values(levels), ...Object.values(accessLevels)])
    if (!valid.includes(level)) fail(`the level "${level}"`, valid);
  for (const { rule } of exceptions) if (!rules.includes(rule)) fail(`an exception for the rule "${rule}"`, rules);
}
