/**
 * The state of the last release, made small: a line for each resource of the stack prod, in which parents and
 * dependencies are numbers of lines. What a release has again and what weighs much is left out: the code of functions,
 * the inputs of components, outputs that are inputs.
 */
import { SCHEMAS } from "./standIn/schema.ts";
import type { Exported, ExportedResource } from "./workspace.ts";

/** @param release what it is the state of */
export function shrink(exported: Exported, release: string): string {
  const { resources } = exported.deployment;
  const lineOf = new Map(resources.map(({ urn }, line) => [urn, line]));
  const lines = resources.map(
    ({ urn, id, type, custom, protect, retainOnDelete, parent, dependencies, inputs, outputs }) => {
      const { code: _, ...kept } = inputs ?? {};
      const { code: __, clientSecret: ___, ...made } = outputs ?? {};
      const differs = ([property, value]: [string, unknown]) =>
        JSON.stringify(kept[property]) !== JSON.stringify(value);
      return {
        ...{ urn, id, type, custom, protect, retainOnDelete },
        parent: parent && lineOf.get(parent),
        dependencies: dependencies?.map((dependency) => lineOf.get(dependency)),
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
  const resources = lines.map(({ parent, dependencies, inputs: { __defaults, ...inputs }, outputs, ...rest }) => ({
    ...rest,
    ...(parent === undefined ? {} : { parent: lines[parent].urn }),
    ...(dependencies === undefined ? {} : { dependencies: dependencies.map((line: number) => lines[line].urn) }),
    ...(rest.type in SCHEMAS ? { provider: `${provider.urn}::${provider.id}` } : {}),
    inputs: { ...inputs, ...(__defaults === undefined ? {} : { __defaults }) },
    outputs: { ...inputs, ...outputs },
  })) as ExportedResource[];
  return { release, state: { ...template, deployment: { ...template.deployment, resources } } };
}
