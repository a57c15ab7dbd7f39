import { referencesOf } from "./standIn/provider.ts";
import type { ExportedResource } from "./workspace.ts";

/**
 * Finds resources that the engine may create too early: `Type name → Type name` for each resource that refers to
 * another by name or ARN but depends on it neither by an output nor by `dependsOn`.
 */
export function unmetReferences(resources: ExportedResource[]): string[] {
  const byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
  const dependenciesOf = (urn: string, found = new Set<string>()): Set<string> => {
    for (const dependency of byUrn.get(urn)?.dependencies ?? []) {
      if (found.has(dependency)) continue;
      found.add(dependency);
      dependenciesOf(dependency, found);
    }
    return found;
  };
  return resources.flatMap((resource) => {
    const before = dependenciesOf(resource.urn);
    return referencesOf(resource.type, resource.inputs ?? {}).flatMap(({ type, name }) => {
      const referred = resources.filter(
        ({ type: candidate, id, outputs }) => candidate === type && [id, outputs?.arn, outputs?.name].includes(name),
      );
      return referred.filter(({ urn }) => !before.has(urn)).map(({ urn }) => `${shown(resource.urn)} → ${shown(urn)}`);
    });
  });
}

function shown(urn: string): string {
  const [, , type = "", name] = urn.split("::");
  return `${type.split(":").at(-1)} ${name}`;
}
