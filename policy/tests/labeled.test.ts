/** Documents and stacks that somebody labeled before there were rules: what is found, and what is not. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { checkDocument } from "../checkDocument.ts";
import { checkResource, checkStack } from "../checkStack.ts";
import type { DocumentKind } from "../document/subject.ts";
import type { StackResource } from "../resources/resource.ts";
import { UNKNOWN } from "../resources/unknown.ts";
import { catalog } from "./catalog.ts";

interface LabeledDocument {
  name: string;
  kind: DocumentKind;
  service?: string;
  account?: string;
  document: unknown;
  /** Rules that have to find something. */
  expect: string[];
  /** Rules that may, for it can be argued. */
  allow: string[];
}

interface PlacedDocument {
  rule: string;
  resource: string;
}

interface LabeledStack {
  name: string;
  account: string;
  config?: { permissionsBoundary?: string };
  resources: {
    type: string;
    name: string;
    props: Record<string, unknown>;
    unknown?: string[];
    dependsOnProps?: Record<string, string[]>;
  }[];
  expect: PlacedDocument[];
  allow?: PlacedDocument[];
}

const read = <T>(folder: string, file: string): T =>
  JSON.parse(readFileSync(new URL(`labeled/${folder}/${file}`, import.meta.url), "utf8"));
const files = (folder: string) => readdirSync(new URL(`labeled/${folder}`, import.meta.url));

describe.each(files("documents"))("documents: %s", (file) => {
  test.each(read<LabeledDocument[]>("documents", file))("$name", (labeled) => {
    const { kind, service, account, document, expect: expected, allow } = labeled;
    const context = { kind, ...(service && { service }), ...(account && { account }) };
    const found = new Set(checkDocument(document, context, catalog).map(({ rule }) => rule));
    expect({
      missed: expected.filter((rule) => !found.has(rule)),
      invented: [...found].filter((rule) => !expected.includes(rule) && !allow.includes(rule)),
    }).toEqual({ missed: [], invented: [] });
  });
});

describe("stacks", () => {
  const stacks = files("stacks").map((file) => read<LabeledStack>("stacks", file));

  test.each(stacks)("$name", ({ account, config = {}, resources, expect: expected, allow = [] }) => {
    const context = { account, ...config };
    const registered = resources.map((resource) => registeredAs(resource, resources));
    const findings = [
      ...registered.flatMap((resource) => checkResource(resource, context, catalog).findings),
      ...checkStack(registered, context, catalog),
    ];
    const name = ({ rule, resource }: PlacedDocument) => `${rule} at ${resource}`;
    const found = new Set(findings.map(({ rule, resource }) => name({ rule, resource: resource.name })));
    expect({
      missed: expected.map(name).filter((place) => !found.has(place)),
      invented: [...found].filter((place) => ![...expected, ...allow].map(name).includes(place)),
    }).toEqual({ missed: [], invented: [] });
  });

  function registeredAs(
    { type, name, props, unknown = [], dependsOnProps = {} }: LabeledStack["resources"][number],
    resources: LabeledStack["resources"],
  ): StackResource {
    const urnOf = (resource: { type: string; name: string }) =>
      `urn:pulumi:dev::test::${resource.type}::${resource.name}`;
    const known = structuredClone(props);
    for (const path of unknown) makeUnknown(known, path);
    const from = (names: string[]) => resources.filter((resource) => names.includes(resource.name)).map(urnOf);
    const propertyDependencies = Object.fromEntries(
      Object.entries(dependsOnProps).map(([property, names]) => [property, from(names)]),
    );
    return { urn: urnOf({ type, name }), type, name, props: known, propertyDependencies };
  }

  function makeUnknown(props: Record<string, unknown>, path: string): void {
    const keys = path.replace(/\[(\d+)\]/g, ".$1").split(".");
    // biome-ignore lint/suspicious/noExplicitAny: a path leads wherever it does
    const holder = keys.slice(0, -1).reduce((value: any, key) => value?.[key], props);
    if (holder !== undefined) holder[keys.at(-1) as string] = UNKNOWN;
  }
});

test("the set has as many documents and stacks as it needs", () => {
  const documents = files("documents").flatMap((file) => read<LabeledDocument[]>("documents", file));
  expect(documents.length).toBeGreaterThan(150);
  expect(files("stacks").length).toBeGreaterThan(12);
  const good = documents.filter((labeled) => labeled.expect.length === 0);
  expect(good.length).toBeGreaterThan(documents.length / 3);
});
