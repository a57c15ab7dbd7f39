/** An HTTP API or a REST API as its resources define it. */
import type { PolicyDocument } from "@serverless-chat/iam";

export type HttpApiKind = "HTTP" | "REST";

export interface HttpIntegration {
  /** `AWS_PROXY` or `MOCK`; any other is registered, and answers 500. */
  type: string;
  functionName: string;
  timeoutMs: number;
  /** The form of the event and of the result. REST APIs know `1.0` alone. */
  payloadVersion: "1.0" | "2.0";
  /** ARN of a role that the function is invoked by, instead of a permission of the function. */
  credentialsArn?: string;
  /** What a mock answers with. */
  mock?: MockResponse;
}

export interface MockResponse {
  status: number;
  headers: Record<string, string>;
  body: string;
}

export interface HttpRoute {
  /** `GET`, or `ANY`. */
  method: string;
  /** `/orders/{id}`, `/{proxy+}`; `$default` for what nothing else matches. */
  path: string;
  /** Id of its integration. */
  integrationId?: string;
  /** `NONE` for an open door; what isn't known stays shut. */
  authorizationType: string;
  /** Id of its authorizer. */
  authorizerId?: string;
  /** A token has to have one of these. */
  scopes: string[];
  apiKeyRequired: boolean;
}

/** Authorizers that routes refer to. */
export type HttpAuthorizer = LambdaAuthorizer | JwtAuthorizer;

export interface LambdaAuthorizer {
  kind: "TOKEN" | "REQUEST";
  id: string;
  functionName: string;
  /** ARN of a role that the function is invoked by, instead of a permission of the function. */
  credentialsArn?: string;
  /** `$request.header.X` of an HTTP API, `method.request.header.X` of a REST API, and the like. */
  identitySources: string[];
  /** What a token has to look like as a whole; any other is refused without the function. */
  tokenPattern?: RegExp;
  payloadVersion: "1.0" | "2.0";
  /** The function says `isAuthorized`, and returns no policy. */
  simpleResponses: boolean;
  /** How long a result holds for the same values of the identity sources; 0 for one request. */
  ttlSeconds: number;
}

export interface JwtAuthorizer {
  kind: "JWT" | "COGNITO_USER_POOLS";
  id: string;
  identitySources: string[];
  /** URLs of those whose tokens are taken. */
  issuers: string[];
  /** One of these has to be the token's; any for none. */
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

/** What a function decided: yes or no, or a policy that is evaluated for each request. */
export interface Decision {
  principalId?: string;
  context: Record<string, unknown>;
  allows: boolean | PolicyDocument;
  /** Milliseconds since 1970. */
  until: number;
}

export class HttpApi {
  readonly id: string;
  readonly name: string;
  readonly kind: HttpApiKind;
  /** By id. */
  readonly routes = new Map<string, HttpRoute>();
  readonly integrations = new Map<string, HttpIntegration>();
  readonly authorizers = new Map<string, HttpAuthorizer>();
  /** What authorizers have decided, for as long as it holds. */
  readonly decisions = new Map<string, Decision>();
  /** By name; `$default` is served without a name in the path. */
  readonly stages = new Map<string, HttpStage>();
  /** Paths of a REST API's resources by id, the root included. */
  readonly paths = new Map<string, string>();
  cors: Cors | undefined;
  binaryMediaTypes: string[] = [];

  constructor(id: string, name: string, kind: HttpApiKind) {
    this.id = id;
    this.name = name;
    this.kind = kind;
  }
}
