/** The local cloud's model of a resource type, which also answers the real engine in tests. */
import type { Draft } from "../draft.ts";

/** A resource's inputs, as the program wrote them. */
// biome-ignore lint/suspicious/noExplicitAny: each resource type has its own inputs
export type Inputs = Record<string, any>;

/** The account, Region and addresses for new resources. */
export interface Place {
  accountId: string;
  region: string;
  /** Builds `arn:aws:service:region:account:resource`. */
  arnOf(service: string, resource: string): string;
  /** Host for the connections of an API, such as `127.0.0.1:4510` or `abc.execute-api.eu-central-1.amazonaws.com`. */
  hostOf(apiId: string): string | Promise<string>;
  /** The host of an HTTP API or a REST API. */
  httpHostOf(apiId: string): string | Promise<string>;
  /** Ids of those API Gateway V2 APIs that are HTTP APIs. */
  readonly httpApis: Set<string>;
  /** `http` here, `https` on AWS. */
  httpScheme: string;
  /** `ws` here, `wss` on AWS. */
  webSocketScheme: string;
  /** Prefix of queue URLs. */
  sqsEndpoint: string;
}

export interface Resource {
  urn: string;
  id: string;
  inputs: Inputs;
}

export interface ResourceModel {
  /** The id that AWS would assign, and the outputs that it adds to the inputs. */
  outputs(resource: { urn: string; name: string; inputs: Inputs }, place: Place): Made | Promise<Made>;
  /**
   * Creates the resource.
   *
   * @throws Error with AWS's message if AWS would refuse the inputs
   */
  serve?(resource: Resource, draft: Draft): void | Promise<void>;
}

export interface Made {
  id: string;
  [output: string]: unknown;
}
