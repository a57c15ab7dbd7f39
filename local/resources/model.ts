/** What the local cloud knows of a resource type; the same model answers for the real engine in tests. */
import type { Draft } from "../draft.ts";

/** What a program wrote. */
// biome-ignore lint/suspicious/noExplicitAny: each type of resource has inputs of its own
export type Inputs = Record<string, any>;

/** Where a resource is made. */
export interface Place {
  accountId: string;
  region: string;
  /** `arn:aws:service:region:account:resource` */
  arnOf(service: string, resource: string): string;
  /** Where the connections of an API go, as `127.0.0.1:4510` or `abc.execute-api.eu-central-1.amazonaws.com`. */
  hostOf(apiId: string): string | Promise<string>;
  /** The same of an HTTP API or a REST API. */
  httpHostOf(apiId: string): string | Promise<string>;
  /** Ids of the APIs of API Gateway's second version that are HTTP APIs. */
  readonly httpApis: Set<string>;
  /** `http` here, `https` on AWS. */
  httpScheme: string;
  /** `ws` here, `wss` on AWS. */
  webSocketScheme: string;
  /** What the URLs of queues begin with. */
  sqsEndpoint: string;
}

export interface Resource {
  urn: string;
  id: string;
  inputs: Inputs;
}

export interface ResourceModel {
  /** The id that AWS would give, and what it adds to the inputs. */
  outputs(resource: { urn: string; name: string; inputs: Inputs }, place: Place): Made | Promise<Made>;
  /**
   * Sets the resource up.
   *
   * @throws Error with what AWS would say against the inputs
   */
  serve?(resource: Resource, draft: Draft): void | Promise<void>;
}

export interface Made {
  id: string;
  [output: string]: unknown;
}
