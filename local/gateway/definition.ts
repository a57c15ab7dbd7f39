/** An API as its resources define it, and the snapshots that its stages serve. */

export interface Route {
  id: string;
  routeKey: string;
  /** `integrations/<id>`. */
  target?: string;
  /** `NONE`, `CUSTOM` or `AWS_IAM`. */
  authorizationType: string;
  authorizerId?: string;
  /** A key must come along. There are no usage plans here, so no key is ever right. */
  apiKeyRequired: boolean;
  /** Without one the function's body is dropped. */
  routeResponseSelectionExpression?: string;
}

export interface Integration {
  id: string;
  /** `AWS_PROXY`, `AWS`, `MOCK`, `HTTP_PROXY` or `HTTP`. */
  type: string;
  /** Present in the two kinds that invoke a function. */
  functionArn: string;
  timeoutMs: number;
  /** ARN of a role that the function is invoked by, instead of a permission of the function. */
  credentialsArn?: string;
  /** Present in the two kinds that call by HTTP. */
  uri?: string;
  method?: string;
  /** By key; `$default` for the one that a MOCK answers by. */
  requestTemplates?: Record<string, string>;
}

export interface Authorizer {
  id: string;
  /** Identity sources such as `route.request.header.X`; a request must have all of them. */
  identitySources: string[];
  functionName: string;
  /** ARN of a role that the function is invoked by, instead of a permission of the function. */
  credentialsArn?: string;
}

export interface Deployed {
  routeSelectionExpression: string;
  /** Only a custom domain leads to it, and there is none here. */
  isEndpointDisabled: boolean;
  routes: ReadonlyMap<string, Route>;
  integrations: ReadonlyMap<string, Integration>;
  authorizers: ReadonlyMap<string, Authorizer>;
  /** Routes that have a route response. */
  answering: ReadonlySet<string>;
}

export interface ThrottleSettings {
  /** Frames a second. */
  rate: number;
  burst: number;
}

export interface Stage {
  name: string;
  deployed: Deployed;
  variables: Record<string, string>;
  throttle?: ThrottleSettings;
  /** By route key: routes with a throttle of their own. */
  routeThrottles: ReadonlyMap<string, ThrottleSettings>;
  accessLog?: { group: string; format: string };
}

export class ApiDefinition {
  readonly id: string;
  readonly name: string;
  readonly routeSelectionExpression: string;
  isEndpointDisabled = false;
  /** By id. */
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

  /** What is defined at this moment; later routes are served only after another deployment. */
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
