/** A stage serves a snapshot, so every change to the resources in the snapshot must create another one. */
import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { WebSocketApi } from "../../components/WebSocketApi.ts";

type Inputs = Record<string, unknown>;

/** Changes one input of one resource, as a user's transform may do. */
interface Change {
  type: string;
  name: string;
  input: string;
  value: unknown;
}

const PREFIX = "aws:apigatewayv2/";
/** The resource types in a deployment's snapshot, each with the inputs that the component doesn't set. */
const KINDS = new Map([
  ["authorizer:Authorizer", ["authorizerCredentialsArn"]],
  ["integration:Integration", ["contentHandlingStrategy", "credentialsArn", "description", "passthroughBehavior"]],
  ["route:Route", ["apiKeyRequired", "modelSelectionExpression", "operationName"]],
  ["routeResponse:RouteResponse", ["modelSelectionExpression", "responseModels"]],
]);

/** Registers the component with a change, and returns the registered resources. */
async function register(change?: Change): Promise<{ type: string; name: string; inputs: Inputs }[]> {
  const registered: { type: string; name: string; inputs: Inputs }[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        registered.push({ type, name, inputs });
        return { id: `${name}-id`, state: inputs };
      },
      call: () => ({ accountId: "111122223333" }),
    },
    "chat",
    "dev",
  );
  pulumi.runtime.setAllConfig({ "aws:region": "eu-central-1" });
  const functionOf = (name: string) =>
    ({ functionName: name, function: { name, invokeArn: `arn:of:${name}` } }) as never;
  const transform: pulumi.ResourceTransformation = ({ type, name, props, opts }) =>
    change !== undefined && type === change.type && name === change.name
      ? { props: { ...props, [change.input]: change.value }, opts }
      : undefined;
  const api = new WebSocketApi(
    "api",
    {
      stageName: "dev",
      throttle: { rate: 1, burst: 1 },
    },
    { transformations: [transform] },
  );
  const url = api.deploy({
    routes: { $connect: functionOf("connect"), ping: functionOf("ping") },
    authorizer: { target: functionOf("authorizer"), identitySources: ["route.request.header.Origin"] },
  });
  await new Promise((resolve) => url.apply(resolve));
  await pulumi.runtime.disconnect();
  return registered;
}

const triggersOf = (registered: Awaited<ReturnType<typeof register>>) =>
  registered.find(({ type }) => type === `${PREFIX}deployment:Deployment`)?.inputs.triggers;

test("a change to any input in the snapshot creates another deployment, and equal inputs don't", async () => {
  const first = await register();
  const triggers = triggersOf(first);
  expect(triggers).toEqual({ definition: expect.any(String) });
  expect(triggersOf(await register())).toEqual(triggers);

  const changes = first.flatMap(({ type, name, inputs }) => {
    const leftOut = KINDS.get(type.slice(PREFIX.length));
    return leftOut === undefined ? [] : [...Object.keys(inputs), ...leftOut].map((input) => ({ type, name, input }));
  });
  expect(new Set(changes.map(({ type }) => type)).size).toBe(KINDS.size);
  expect(changes.length).toBeGreaterThan(30);
  const unnoticed: unknown[] = [];
  for (const change of changes) {
    const changed = await register({ ...change, value: change.input === "identitySources" ? ["another"] : "another" });
    if (JSON.stringify(triggersOf(changed)) === JSON.stringify(triggers)) unnoticed.push(change);
  }
  expect(unnoticed).toEqual([]);
});
