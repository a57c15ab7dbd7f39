/** What a configuration says to a policy. */
import type { PolicyConfigSchema } from "@pulumi/policy";
import { locationOf } from "../resources/location.ts";
import type { StackContext, StackResource } from "../resources/resource.ts";
import { EXCEPTIONS_SCHEMA, type Exception } from "./exceptions.ts";

export interface Config {
  exceptions?: Exception[];
  account?: string;
  permissionsBoundary?: string;
}

export const CONFIG_SCHEMA: PolicyConfigSchema = {
  properties: {
    ...EXCEPTIONS_SCHEMA,
    account: { type: "string", pattern: "^\\d{12}$" },
    permissionsBoundary: { type: "string", pattern: "^arn:" },
  },
};

/** The configuration of a policy. @throws for a key that there is not: the engine passes over what the schema lacks */
export function configOf({ getConfig }: { getConfig<T extends object>(): T }, policy: string): Config {
  const config = getConfig<Config>();
  const known = Object.keys(CONFIG_SCHEMA.properties);
  const stranger = Object.keys(config).find((key) => !known.includes(key));
  if (stranger === undefined) return config;
  throw new Error(`the configuration of ${policy} has the key "${stranger}"; it may have ${known.join(", ")}`);
}

/** What is configured of the stack, else what its own resources say. */
export function contextOf({ account, permissionsBoundary }: Config, resources: StackResource[]): StackContext {
  return {
    ...locationOf(resources),
    ...(account === undefined ? {} : { account }),
    ...(permissionsBoundary === undefined ? {} : { permissionsBoundary }),
  };
}
