/** A WebSocket API as its resources define it, and the snapshots that its stages serve. */

export interface Route {
  id: string;
  routeKey: string;
  /** The integration, as `integrations/<id>`. */
  target?: string;
  /** `NONE`, `CUSTOM` or `AWS_IAM`. */
  authorizationType: string;
  authorizerId?: string;
  /** Whether a request needs an API key. There are no usage plans here, so no key is ever valid. */
  apiKeyRequired: boolean;
  /** If undefined, the body that the function returns is never sent to the client. */
  routeResponseSelectionExpression?: string;
}

export interface Integration {
  id: string;
  /** `AWS_PROXY`, `AWS`, `MOCK`, `HTTP_PROXY` or `HTTP`. */
  type: string;
  /** Set for the two types that invoke a function. */
  functionArn: string;
  timeoutMs: number;
  /** ARN of the role that API Gateway invokes the function with. If undefined, the function's permissions decide. */
  credentialsArn?: string;
  /** Set for the two types that call an HTTP endpoint. */
  uri?: string;
  method?: string;
  /** Request templates by key; a MOCK uses `$default`. */
  requestTemplates?: Record<string, string>;
}

export interface Authorizer {
  id: string;
  /** Identity sources such as `route.request.header.X`; a request must have all of them. */
  identitySources: string[];
  functionName: string;
  /** ARN of the role that API Gateway invokes the function with. If undefined, the function's permissions decide. */
  credentialsArn?: string;
}

export interface Deployed {
  routeSelectionExpression: string;
  /** Whether clients can reach the API only through a custom domain, which isn't served here. */
  isEndpointDisabled: boolean;
  routes: ReadonlyMap<string, Route>;
  integrations: ReadonlyMap<string, Integration>;
  authorizers: ReadonlyMap<string, Authorizer>;
  /** Ids of the routes that have a route response. */
  answering: ReadonlySet<string>;
}

export interface ThrottleSettings {
  /** Frames per second. */
  rate: number;
  burst: number;
}

export interface Stage {
  name: string;
  deployed: Deployed;
  variables: Record<string, string>;
  throttle?: ThrottleSettings;
  /** Throttles of routes that have their own, by route key. */
  routeThrottles: ReadonlyMap<string, ThrottleSettings>;
  accessLog?: { group: string; format: string };
}

export class ApiDefinition {
  readonly id: string;
  readonly name: string;
  readonly routeSelectionExpression: string;
  isEndpointDisabled = false;
  /** Routes by id. */
  readonly routes = new Map<string, Route>();
  readonly integrations = new Map<string, Integration>();
  readonly authorizers = new Map<string, Authorizer>();
  readonly answering = new Set<string>();
  readonly deployments = new Map<string, Deployed>();
  readonly stages = new Map<string, Stage>();

  constructor(id: string, name: string, routeSelectionExpression: string) {
    this.id = id;
    this.name = name;
    this.routeSelectionExpression = routeSelectionExpression;
  }

  /** Copies what is defined now. Routes that are added later are served only after another deployment. */
  snapshot(): Deployed {
    return {
      routeSelectionExpression: this.routeSelectionExpression,
      isEndpointDisabled: this.isEndpointDisabled,
      routes: new Map([...this.routes.values()].map((route) => [route.routeKey, structuredClone(route)])),
      integrations: structuredClone(this.integrations),
      authorizers: structuredClone(this.authorizers),
      answering: new Set(this.answering),
    };
  }
}
