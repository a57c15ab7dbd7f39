/**
 * The state of the last release, made small: a line for each resource of the stack prod, in which parents and
 * dependencies are numbers of lines. What a release has again and what weighs much is left out: the code of functions,
 * the inputs of components, outputs that are inputs.
 */
import type { Inputs } from "../../local/resources/model.ts";
import { SCHEMAS } from "./standIn/schema.ts";
import type { Exported, ExportedResource } from "./workspace.ts";

/** @param release what it is the state of */
export function shrink(exported: Exported, release: string): string {
  const { resources } = exported.deployment;
  const lineOf = new Map(resources.map(({ urn }, line) => [urn, line]));
  const lines = resources.map(
    ({ urn, id, type, custom, protect, retainOnDelete, parent, dependencies, propertyDependencies, ...properties }) => {
      const { inputs, outputs } = properties;
      const { code: _, ...kept } = inputs ?? {};
      const { code: __, clientSecret: ___, ...made } = outputs ?? {};
      const differs = ([property, value]: [string, unknown]) =>
        JSON.stringify(kept[property]) !== JSON.stringify(value);
      return {
        ...{ urn, id, type, custom, protect, retainOnDelete },
        parent: parent && lineOf.get(parent),
        dependencies: dependencies?.map((dependency) => lineOf.get(dependency)),
        // By these the engine replaces what hangs on something that is replaced, before that is deleted.
        propertyDependencies: eachValue(propertyDependencies, (urns) =>
          urns?.map((dependency) => lineOf.get(dependency)),
        ),
        inputs: type in SCHEMAS || type.startsWith("pulumi:providers:") ? kept : {},
        outputs: Object.fromEntries(Object.entries(made).filter(differs)),
      };
    },
  );
  return [{ release }, ...lines].map((line) => `${JSON.stringify(line)}\n`).join("");
}

/** @param template an export of a stack of this machine, for the rest of what a state has */
export function restore(text: string, template: Exported): { release: string; state: Exported } {
  const [{ release }, ...lines] = text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  const provider = lines.find(({ type }) => type.startsWith("pulumi:providers:"));
  const urnOf = (line: number) => lines[line].urn;
  const resources = lines.map(({ parent, dependencies, propertyDependencies, inputs, outputs, ...rest }) => ({
    ...rest,
    parent: parent === undefined ? undefined : urnOf(parent),
    dependencies: dependencies?.map(urnOf),
    propertyDependencies: eachValue(propertyDependencies, (of: number[] | undefined) => of?.map(urnOf)),
    provider: rest.type in SCHEMAS ? `${provider.urn}::${provider.id}` : undefined,
    inputs,
    outputs: { ...withoutDefaults(inputs), ...outputs },
  })) as ExportedResource[];
  return { release, state: { ...template, deployment: { ...template.deployment, resources } } };
}

/** The engine's own mark in inputs, which outputs never have. */
function withoutDefaults({ __defaults, ...inputs }: Inputs): Inputs {
  return inputs;
}

function eachValue<From, To>(
  record: Record<string, From> | undefined,
  change: (value: From) => To,
): Record<string, To> | undefined {
  return record && Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}
