/**
 * An API written as an OpenAPI document: its routes, integrations and authorizers.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
 */
import { functionNameOf } from "../gateway/invoke.ts";
import type { HttpApi, HttpAuthorizer, HttpIntegration } from "./definition.ts";

// biome-ignore lint/suspicious/noExplicitAny: a document as its author wrote it
type Node = Record<string, any>;

const METHODS = ["get", "put", "post", "delete", "options", "head", "patch", "x-amazon-apigateway-any-method"];
const DEFAULT_TTL_SECONDS = 300;

/** @throws Error if the body is neither JSON nor YAML */
export async function addOpenApi(api: HttpApi, body: string): Promise<void> {
  const document = await parsed(body);
  const schemes: Node = document.components?.securitySchemes ?? document.securityDefinitions ?? {};
  for (const [name, scheme] of Object.entries(schemes)) {
    const authorizer = authorizerOf(name, scheme as Node, api);
    if (authorizer !== undefined) api.authorizers.set(name, authorizer);
  }
  for (const [path, item] of Object.entries((document.paths ?? {}) as Node)) {
    for (const key of METHODS.filter((method) => item[method] !== undefined)) {
      const operation: Node = item[key];
      const method = key.startsWith("x-") ? "ANY" : key.toUpperCase();
      const id = `${method} ${path}`;
      const integration: Node | undefined = operation["x-amazon-apigateway-integration"];
      if (integration !== undefined) api.integrations.set(id, integrationOf(integration, api));
      const security = operation.security ?? document.security ?? [];
      api.routes.set(id, { method, path, integrationId: id, ...guardOf(operation, security, schemes, api) });
    }
  }
}

async function parsed(body: string): Promise<Node> {
  try {
    return JSON.parse(body);
  } catch {
    const { parse } = await import("yaml");
    const document = parse(body);
    if (typeof document === "object" && document !== null) return document;
    throw new Error("BadRequestException: Unable to parse API definition: it is neither JSON nor YAML");
  }
}

function integrationOf(written: Node, { kind }: HttpApi): HttpIntegration {
  const { type = "", uri = "", timeoutInMillis, payloadFormatVersion, credentials } = written;
  const [status, response]: [string, Node] = (Object.values(written.responses ?? {}) as Node[]).map(
    (one): [string, Node] => [String(one.statusCode ?? 200), one],
  )[0] ?? ["200", {}];
  const headers = Object.entries((response.responseParameters ?? {}) as Record<string, string>).flatMap(
    ([parameter, value]) => {
      const [, name] = /^method\.response\.header\.(.+)$/.exec(parameter) ?? [];
      const [, fixed] = /^'(.*)'$/.exec(value) ?? [];
      return name === undefined || fixed === undefined ? [] : [[name.toLowerCase(), fixed]];
    },
  );
  const text = response.responseTemplates?.["application/json"] ?? "";
  return {
    type: String(type).toUpperCase(),
    functionName: functionNameOf(uri),
    timeoutMs: timeoutInMillis ?? (kind === "REST" ? 29_000 : 30_000),
    payloadVersion: kind === "HTTP" && payloadFormatVersion !== "1.0" ? "2.0" : "1.0",
    ...(credentials === undefined ? {} : { credentialsArn: credentials }),
    mock: { status: Number(status), headers: Object.fromEntries(headers), body: text },
  };
}

/** The authorization of an operation. If one of its schemes is unknown, it refuses all requests. */
function guardOf(operation: Node, security: Node[], schemes: Node, api: HttpApi) {
  const guard = { authorizationType: "NONE", scopes: [] as string[], apiKeyRequired: false };
  if (operation["x-amazon-apigateway-auth"]?.type === "AWS_IAM") return { ...guard, authorizationType: "AWS_IAM" };
  let authorizerId: string | undefined;
  for (const [name, scopes] of security.flatMap((one) => Object.entries(one as Record<string, string[]>))) {
    const scheme: Node = Object.hasOwn(schemes, name) ? schemes[name] : {};
    const authtype = scheme["x-amazon-apigateway-authtype"];
    const authorizer = api.authorizers.get(name);
    if (authtype === "awsSigv4") guard.authorizationType = "AWS_IAM";
    else if (authorizer !== undefined) {
      guard.authorizationType = "functionName" in authorizer ? "CUSTOM" : authorizer.kind;
      guard.scopes = scopes;
      authorizerId = name;
    } else if (scheme.type === "apiKey" && authtype === undefined) guard.apiKeyRequired = true;
    else return { ...guard, authorizationType: `the unknown scheme ${name}` };
  }
  return authorizerId === undefined ? guard : { ...guard, authorizerId };
}

function authorizerOf(id: string, scheme: Node, { kind: apiKind }: HttpApi): HttpAuthorizer | undefined {
  const written: Node | undefined = scheme["x-amazon-apigateway-authorizer"];
  if (written === undefined) return undefined;
  const name = scheme.name ?? "Authorization";
  const header = apiKind === "REST" ? `method.request.header.${name}` : `$request.header.${name}`;
  const identitySources = String(written.identitySource ?? header)
    .split(",")
    .map((source) => source.trim());
  const { type, jwtConfiguration = {}, providerARNs = [] } = written;
  if (type === "jwt") {
    const { issuer, audience = [] } = jwtConfiguration;
    return { kind: "JWT", id, identitySources, issuers: [issuer], audiences: [audience].flat() };
  }
  if (type === "cognito_user_pools") {
    const issuers = (providerARNs as string[]).map((arn) => {
      const [, , , region, , pool = ""] = arn.split(":");
      return `https://cognito-idp.${region}.amazonaws.com/${pool.replace("userpool/", "")}`;
    });
    return { kind: "COGNITO_USER_POOLS", id, identitySources, issuers, audiences: [] };
  }
  if (type !== "token" && type !== "request") return undefined;
  const { authorizerUri = "", authorizerCredentials, identityValidationExpression, enableSimpleResponses } = written;
  const { authorizerPayloadFormatVersion, authorizerResultTtlInSeconds = DEFAULT_TTL_SECONDS } = written;
  return {
    kind: type === "token" ? "TOKEN" : "REQUEST",
    id,
    functionName: functionNameOf(authorizerUri),
    ...(authorizerCredentials === undefined ? {} : { credentialsArn: authorizerCredentials }),
    identitySources,
    ...(identityValidationExpression ? { tokenPattern: new RegExp(`^(?:${identityValidationExpression})$`) } : {}),
    payloadVersion: apiKind === "HTTP" && authorizerPayloadFormatVersion !== "1.0" ? "2.0" : "1.0",
    simpleResponses: enableSimpleResponses === true,
    ttlSeconds: authorizerResultTtlInSeconds,
  };
}
