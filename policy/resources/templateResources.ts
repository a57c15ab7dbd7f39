/** The resources of CloudFormation templates, with the properties that each choice of conditions gives them. */
import { isRecord, withoutIntrinsics } from "./intrinsics.ts";
import { choicesIn } from "./templateConditions.ts";
import { parseTemplate } from "./templateText.ts";

interface TemplateResource {
  /** Such as `AWS::IAM::Role`. */
  type: string;
  /** Property path of its properties. */
  path: string;
  /** Its properties without intrinsic functions, one version for each choice of conditions. */
  versions: unknown[];
}

/**
 * Reads the resources of a template, or the properties of one resource.
 *
 * @param text JSON or YAML text, or the parsed template
 * @param typeName such as `AWS::IAM::Role`, if the text has the properties of one resource
 */
export function resourcesOfTemplate(text: unknown, path: string, typeName?: unknown): TemplateResource[] {
  const template = typeof text === "string" ? parseTemplate(text) : text;
  if (!isRecord(template)) return [];
  const isOne = typeof typeName === "string";
  const { Resources, Parameters, Mappings } = isOne ? {} : template;
  const scope = { parameters: new Map(Object.entries(recordOf(Parameters))), mappings: recordOf(Mappings) };
  const resources = isOne ? [["", { Type: typeName, Properties: template }] as const] : entriesOf(Resources);
  return resources.flatMap(([name, resource]) => {
    if (!isRecord(resource)) return [];
    const { Type: type, Properties: properties } = resource;
    const own = {
      type: String(type),
      path: name === "" ? path : [path, `Resources.${name}.Properties`].filter(Boolean).join("."),
      versions: choicesIn(properties).map((choice) => withoutIntrinsics(properties, { ...scope, choice })),
    };
    return [own, ...resourcesWithin(own)];
  });
}

/** The resources of the templates that a stack set has as text. */
function resourcesWithin({ path, versions }: TemplateResource): TemplateResource[] {
  const texts = versions.flatMap((properties) => (isRecord(properties) ? [properties.TemplateBody] : []));
  return [...new Set(texts)]
    .filter((text) => typeof text === "string")
    .flatMap((text) => resourcesOfTemplate(text, `${path}.TemplateBody`));
}

/** The entries of a record. A loop counts as its body. */
function entriesOf(resources: unknown): (readonly [name: string, resource: unknown])[] {
  return Object.entries(recordOf(resources)).flatMap(([name, resource]) =>
    name.startsWith("Fn::ForEach::") && Array.isArray(resource) ? entriesOf(resource[2]) : [[name, resource] as const],
  );
}

function recordOf(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {};
}
