/** An HTTP API, a REST API or a function's URL as its resources define it. */
import type { PolicyDocument } from "@serverless-chat/iam";

/** `URL` stands for a function's URL. */
export type HttpApiKind = "HTTP" | "REST" | "URL";

export interface HttpIntegration {
  /** `AWS_PROXY` or `MOCK`. Routes with an integration of any other type answer with 500. */
  type: string;
  functionName: string;
  timeoutMs: number;
  /** Version of the event and result formats. REST APIs support only `1.0`. */
  payloadVersion: "1.0" | "2.0";
  /** ARN of the role that API Gateway invokes the function with. If undefined, the function's permissions decide. */
  credentialsArn?: string;
  /** The mock's response. */
  mock?: MockResponse;
}

export interface MockResponse {
  status: number;
  headers: Record<string, string>;
  body: string;
}

export interface HttpRoute {
  /** A method such as `GET`, or `ANY`. */
  method: string;
  /** `/orders/{id}` or `/{proxy+}`; `$default` matches everything else. */
  path: string;
  /** Id of its integration. */
  integrationId?: string;
  /** `NONE` for a public route. A route with an unknown type refuses all requests. */
  authorizationType: string;
  /** Id of its authorizer. */
  authorizerId?: string;
  /** A token must have at least one of these scopes; an empty list requires none. */
  scopes: string[];
  apiKeyRequired: boolean;
}

/** Authorizers that routes refer to. */
export type HttpAuthorizer = LambdaAuthorizer | JwtAuthorizer;

export interface LambdaAuthorizer {
  kind: "TOKEN" | "REQUEST";
  id: string;
  functionName: string;
  /** ARN of the role that API Gateway invokes the function with. If undefined, the function's permissions decide. */
  credentialsArn?: string;
  /** `$request.header.X` of an HTTP API, `method.request.header.X` of a REST API, and the like. */
  identitySources: string[];
  /** Pattern that the whole token must match. Other tokens are refused without invoking the function. */
  tokenPattern?: RegExp;
  payloadVersion: "1.0" | "2.0";
  /** Whether the function answers with `isAuthorized` instead of a policy. */
  simpleResponses: boolean;
  /** How long a result is cached for the same identity source values; 0 disables the cache. */
  ttlSeconds: number;
}

export interface JwtAuthorizer {
  kind: "JWT" | "COGNITO_USER_POOLS";
  id: string;
  identitySources: string[];
  /** URLs of the accepted issuers. */
  issuers: string[];
  /** The token's audience must be one of these; an empty list accepts any. */
  audiences: string[];
}

export interface Cors {
  allowOrigins: string[];
  allowMethods: string[];
  allowHeaders: string[];
  exposeHeaders: string[];
  allowCredentials: boolean;
  maxAgeSeconds?: number;
}

export interface HttpStage {
  name: string;
  variables: Record<string, string>;
}

/** A function's decision: yes, no, or a policy that is evaluated for each request. */
export interface Decision {
  principalId?: string;
  context: Record<string, unknown>;
  allows: boolean | PolicyDocument;
  /** The time until which the decision may be cached, in milliseconds since 1970. */
  until: number;
}

export class HttpApi {
  readonly id: string;
  readonly name: string;
  readonly kind: HttpApiKind;
  /** Routes by id. */
  readonly routes = new Map<string, HttpRoute>();
  readonly integrations = new Map<string, HttpIntegration>();
  readonly authorizers = new Map<string, HttpAuthorizer>();
  /** Cached results of authorizers. */
  readonly decisions = new Map<string, Decision>();
  /** Stages by name; `$default` is served without a name in the path. */
  readonly stages = new Map<string, HttpStage>();
  /** Paths of a REST API's resources by id, including the root. */
  readonly paths = new Map<string, string>();
  cors: Cors | undefined;
  /** If set, every request is refused for this reason, which is reported to the person who runs the local cloud. */
  closed: string | undefined;
  /** Resource policy of a REST API. */
  policy: PolicyDocument | undefined;
  binaryMediaTypes: string[] = [];

  constructor(id: string, name: string, kind: HttpApiKind) {
    this.id = id;
    this.name = name;
    this.kind = kind;
  }
}
