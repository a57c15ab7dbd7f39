/**
 * The state of the last release in a compact form: a line for each resource of the stack `prod`, with parents and
 * dependencies as line numbers. It leaves out what is large or the same in the next release: the code of functions, the
 * inputs of components, and outputs that equal inputs.
 */
import type { Inputs } from "../../local/resources/model.ts";
import { SCHEMAS } from "./standIn/schema.ts";
import type { Exported, ExportedResource } from "./workspace.ts";

/** Converts a stack's export to the compact form. @param release the release that the state belongs to */
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
        // The engine uses these to replace the dependents of a replaced resource before it deletes that resource.
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

/** Converts the compact form back. @param template a stack's export from this machine, for a state's other fields */
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

/** Removes the internal property `__defaults` from inputs, because outputs never have it. */
function withoutDefaults({ __defaults, ...inputs }: Inputs): Inputs {
  return inputs;
}

function eachValue<From, To>(
  record: Record<string, From> | undefined,
  change: (value: From) => To,
): Record<string, To> | undefined {
  return record && Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}
