/**
 * Takes the place of `@aws-sdk/middleware-endpoint-discovery` in a bundle: no command of the DynamoDB client discovers
 * its endpoint, only the client's configuration still mentions it, and with it a cache.
 */
export const NODE_ENDPOINT_DISCOVERY_CONFIG_OPTIONS = {
  environmentVariableSelector: () => undefined,
  configFileSelector: () => undefined,
  default: undefined,
};

export const resolveEndpointDiscoveryConfig = <Config extends object>(config: Config): Config => config;
