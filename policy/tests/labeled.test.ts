/** Labeled documents and stacks: the labels say which rules must find something, and which must not. */
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
  /** Rules that must find something. */
  expect: string[];
  /** Rules that may find something, because both verdicts are defensible. */
  allow: string[];
}

interface Place {
  rule: string;
  resource: string;
}

interface LabeledStack {
  name: string;
  account?: string;
  config?: { permissionsBoundary?: string };
  resources: {
    type: string;
    name: string;
    props: Record<string, unknown>;
    unknown?: string[];
    dependsOnProps?: Record<string, string[]>;
  }[];
  expect: Place[];
  allow?: Place[];
}

const read = <T>(folder: string, file: string): T =>
  JSON.parse(readFileSync(new URL(`labeled/${folder}/${file}`, import.meta.url), "utf8"));
const files = (folder: string) => readdirSync(new URL(`labeled/${folder}`, import.meta.url));

describe.each(files("documents"))("documents: %s", (file) => {
  test.each(read<LabeledDocument[]>("documents", file))("$name", (labeled) => {
    const { expect: expected, allow } = labeled;
    const found = new Set(rulesIn(labeled));
    expect({
      missed: expected.filter((rule) => !found.has(rule)),
      invented: [...found].filter((rule) => !expected.includes(rule) && !allow.includes(rule)),
    }).toEqual({ missed: [], invented: [] });
  });
});

describe("stacks", () => {
  const stacks = files("stacks").map((file) => read<LabeledStack>("stacks", file));

  test.each(stacks)("$name", (stack) => {
    const { expect: expected, allow = [] } = stack;
    const found = new Set(placesIn(stack));
    expect({
      missed: expected.map(nameOf).filter((place) => !found.has(place)),
      invented: [...found].filter((place) => ![...expected, ...allow].map(nameOf).includes(place)),
    }).toEqual({ missed: [], invented: [] });
  });
});

test("at least 99% of the bad documents and stacks are found, and at most 1% of the good ones are reported", () => {
  const documents = files("documents").flatMap((file) => read<LabeledDocument[]>("documents", file));
  const stacks = files("stacks").map((file) => read<LabeledStack>("stacks", file));
  const examples = [
    ...documents.map((labeled) => ({ ...labeled, found: rulesIn(labeled) })),
    ...stacks.map((labeled) => ({ ...labeled, found: placesIn(labeled) })),
  ];
  const bad = examples.filter((one) => one.expect.length > 0);
  const good = examples.filter((one) => one.expect.length === 0 && (one.allow ?? []).length === 0);
  const caught = bad.filter(({ found }) => found.length > 0).length / bad.length;
  const reported = good.filter(({ found }) => found.length > 0).length / good.length;
  const percent = (share: number) => `${(100 * share).toFixed(1)}%`;
  console.log(
    `labeled: ${percent(caught)} of ${bad.length} bad found, ${percent(reported)} of ${good.length} good reported`,
  );
  expect(caught).toBeGreaterThanOrEqual(0.99);
  expect(reported).toBeLessThanOrEqual(0.01);
  expect(good.length).toBeGreaterThan(examples.length / 3);
});

function rulesIn({ kind, service, account, document }: LabeledDocument): string[] {
  const context = { kind, ...(service && { service }), ...(account && { account }) };
  return checkDocument(document, context, catalog).map(({ rule }) => rule);
}

function nameOf({ rule, resource }: Place): string {
  return `${rule} at ${resource}`;
}

function placesIn({ account, config = {}, resources }: LabeledStack): string[] {
  const context = { ...(account && { account }), ...config };
  const registered = resources.map((resource) => registeredAs(resource, resources));
  const findings = [
    ...registered.flatMap((resource) => checkResource(resource, context, catalog).findings),
    ...checkStack(registered, context, catalog),
  ];
  return findings.map(({ rule, resource }) => nameOf({ rule, resource: resource.name }));
}

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
  // biome-ignore lint/suspicious/noExplicitAny: the values along a path can have any type
  const holder = keys.slice(0, -1).reduce((value: any, key) => value?.[key], props);
  if (holder !== undefined) holder[keys.at(-1) as string] = UNKNOWN;
}
