/** An HTTP API or a REST API as its resources define it. */

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
  /** `NONE` for an open door; all others are shut here. */
  authorizationType: string;
  apiKeyRequired: boolean;
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

export class HttpApi {
  readonly id: string;
  readonly name: string;
  readonly kind: HttpApiKind;
  /** By id. */
  readonly routes = new Map<string, HttpRoute>();
  readonly integrations = new Map<string, HttpIntegration>();
  /** By name; `$default` is served without a name in the path. */
  readonly stages = new Map<string, HttpStage>();
  /** Of a REST API: paths of its resources by id, the root among them. */
  readonly paths = new Map<string, string>();
  cors: Cors | undefined;
  binaryMediaTypes: string[] = [];

  constructor(id: string, name: string, kind: HttpApiKind) {
    this.id = id;
    this.name = name;
    this.kind = kind;
  }
}
