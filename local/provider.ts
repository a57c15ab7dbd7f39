/**
 * Creates the resources that a program registers, in a draft of the local cloud. Resource types and functions that the
 * local cloud doesn't know cause warnings, not errors.
 */
import { hashOf } from "../cache/textCache.cjs";
import type { Cloud } from "./cloud.ts";
import type { Lookup, Provider, Registration } from "./engine/monitor.ts";
import type { Program } from "./engine/program.ts";
import type { Code } from "./functions/code.ts";
import { MODELS } from "./resources/index.ts";
import { INVOKES } from "./resources/invokes.ts";
import type { Place, ResourceModel } from "./resources/model.ts";
import type { Run } from "./run.ts";
import type { Unknowns } from "./unknowns.ts";

const FUNCTION = "aws:lambda/function:Function";
const STACK_REFERENCE = "pulumi:pulumi:StackReference";

export function providerOf(program: Program, cloud: Cloud, run: Run, unknowns: Unknowns): Provider {
  const place: Place = {
    accountId: cloud.accountId,
    region: cloud.region,
    webSocketScheme: "ws",
    sqsEndpoint: cloud.endpointUrl,
    arnOf: (service, resource) => cloud.arnOf(service, resource),
    hostOf: (apiId) => cloud.hostOf(apiId),
    httpScheme: "http",
    httpApis: new Set(),
    httpHostOf: (apiId) => cloud.httpHostOf(apiId),
  };

  const create = async (model: ResourceModel, { urn, type, name, inputs }: Registration) => {
    const { id, ...outputs } = await model.outputs({ urn, name, inputs }, place);
    await model.serve?.({ urn, id, inputs }, run.draft);
    if (type === FUNCTION && inputs.code !== undefined)
      run.functions.push({ logicalName: name, functionName: id, code: inputs.code as Code });
    return { id, outputs };
  };

  return {
    async create(registration) {
      const { urn, type, name, custom, inputs, dependencies } = registration;
      if (!custom) return { id: "", outputs: {} };
      run.resources += 1;
      run.inputs.set(urn, hashOf(JSON.stringify(inputs)));
      const model = await MODELS[type]?.();
      if (model === undefined) {
        unknowns.add(`the local cloud does not know ${type}: %s is registered and does nothing`, name, urn);
        return { id: name, outputs: plausibleOutputs(type, name, place) };
      }
      try {
        return await create(model, registration);
      } catch (error) {
        // The cause may be a dependency that is unknown here but would exist on AWS.
        if (!dependencies.some((dependency) => unknowns.urns.has(dependency))) throw error;
        const why = (error as Error).message;
        unknowns.add(
          `%s is registered and does nothing, because it needs something that the local cloud does not know: ${why}`,
          name,
          urn,
        );
        return { id: name, outputs: plausibleOutputs(type, name, place) };
      }
    },
    async read(lookup) {
      const { type, name, id, urn } = lookup;
      if (type === STACK_REFERENCE) {
        const outputs = outputsOf(id, program.config);
        if (Object.keys(outputs).length === 0) {
          unknowns.add(
            `the local cloud does not know the outputs of the stack ${id}, which %s refers to: pass them with --config ${id}:NAME=VALUE`,
            name,
          );
        }
        return { name: id, outputs, secretOutputNames: [] };
      }
      unknowns.add(
        `the program looks up ${type} %s, which it does not create: nothing in the local cloud corresponds to it`,
        name,
        urn,
      );
      return { ...plausibleOutputs(type, id, place), ...(await outputsOfModel(lookup, place)) };
    },
    async invoke(token, args) {
      const invoke = INVOKES[token];
      if (invoke !== undefined) return invoke(args, place);
      const name = token.split(":").at(-1) as string;
      unknowns.add(
        "the local cloud does not know the function %s: it returns its arguments, with a made-up id and ARN",
        token,
      );
      return { ...plausibleOutputs(token, name, place), id: name, ...args };
    },
  };
}

/** Returns an ARN for an unknown AWS resource, because the program's policies may name it. */
function plausibleOutputs(type: string, id: string, place: Place): Record<string, unknown> {
  const [provider, module = ""] = type.split(":");
  if (provider !== "aws") return {};
  return { arn: id.startsWith("arn:") ? id : place.arnOf(module.split("/")[0] as string, id) };
}

/** The outputs of a looked-up resource if its type is known and its id follows from its name alone; otherwise none. */
async function outputsOfModel({ type, urn, name, id, inputs }: Lookup, place: Place): Promise<Record<string, unknown>> {
  const model = await MODELS[type]?.();
  const named = id.split(/[/:]/).at(-1);
  const made = await model?.outputs({ urn, name, inputs: { name: named, bucket: named, ...inputs } }, place);
  return made?.id === id ? made : {};
}

/** Outputs of another stack, from the keys of the configuration that begin with that stack's name. */
function outputsOf(stack: string, config: Program["config"]): Record<string, string> {
  const own = Object.entries(config).filter(([key]) => key.startsWith(`${stack}:`));
  return Object.fromEntries(own.map(([key, value]) => [key.slice(stack.length + 1), value]));
}
