/**
 * Replaces `@aws-sdk/middleware-endpoint-discovery` in a bundle. No command of the DynamoDB client discovers its
 * endpoint, but the client's configuration still refers to the module, which brings a cache with it.
 */
export const NODE_ENDPOINT_DISCOVERY_CONFIG_OPTIONS = {
  environmentVariableSelector: () => undefined,
  configFileSelector: () => undefined,
  default: undefined,
};

export const resolveEndpointDiscoveryConfig = <Config extends object>(config: Config): Config => config;
