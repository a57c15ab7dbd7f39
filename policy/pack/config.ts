/** Reads the settings that Pulumi passes, and the account that the stack itself names. */
import type { PolicyConfigSchema } from "@pulumi/policy";
import { locationOf } from "../resources/location.ts";
import type { StackContext, StackResource } from "../resources/resource.ts";
import { checkSettings, type Settings } from "../settings.ts";
import { SETTINGS_SCHEMA } from "../settingsSchema.ts";

/** The policy whose configuration applies to the whole pack. */
export const SETTINGS_POLICY = "settings";

export const CONFIG_SCHEMA: PolicyConfigSchema = SETTINGS_SCHEMA as PolicyConfigSchema;

/**
 * Reads the settings from the policy named `settings`.
 *
 * @throws Error for unknown keys and names, which the engine doesn't check
 */
export function settingsOf({ getConfig }: { getConfig<T extends object>(): T }, rules: string[]): Settings {
  const settings = getConfig<Settings>();
  checkSettings(settings, rules);
  return settings;
}

/** The context of a stack, from its settings or, if they name no account or Region, from its resources. */
export function contextOf(settings: Settings, resources: StackResource[]): StackContext {
  const { account, region, trustedAccounts, organizationId, allowedManagedPolicies, permissionsBoundary } = settings;
  const configured = { account, region, trustedAccounts, organizationId, allowedManagedPolicies, permissionsBoundary };
  return {
    ...locationOf(resources),
    ...Object.fromEntries(Object.entries(configured).filter(([, value]) => value !== undefined)),
  };
}
