/**
 * Checks the pages of the rules: every policy has one, and the pack finds their bad examples and accepts the good ones.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { ReportViolation, ResourceValidationPolicy, StackValidationPolicy } from "@pulumi/policy";
import { unknownStringValue } from "@pulumi/policy/proxy.js";
import { describe, expect, test } from "vitest";
import { checkDocument } from "../checkDocument.ts";
import type { DocumentContext } from "../document/subject.ts";
import { policiesOf } from "../pack/policies.ts";
import { DOCUMENT_RULES } from "../rules/document/index.ts";
import { RESOURCE_RULES } from "../rules/resource/index.ts";
import { RULES } from "../rules.ts";
import { checkSettings, type Settings } from "../settings.ts";
import { catalog } from "./catalog.ts";
import { stackOf } from "./resources.ts";

const ROOT = new URL("../../", import.meta.url);
const read = (file: string) => readFileSync(new URL(file, ROOT), "utf8");
const list = (folder: string) => readdirSync(new URL(folder, ROOT));

const made = () => policiesOf(catalog, new URL("policy/dist/codeReader.mjs", ROOT), (rule) => `docs/policy/${rule}.md`);
const policies = made();
const names = policies.map(({ name }) => name);
/** Policies that don't find anything themselves. */
const WITHOUT_PAGE = ["settings", "summary"];
const documents = list("docs/policy").filter((file) => file.endsWith(".md") && !/^(README|adopt)\.md$/.test(file));

test("each policy has its page, and each page a policy", () => {
  expect(documents.toSorted()).toEqual(
    names
      .filter((name) => !WITHOUT_PAGE.includes(name))
      .map((name) => `${name}.md`)
      .toSorted(),
  );
});

test("each rule has a test file at the same path, and each such file a rule", () => {
  for (const folder of ["rules/document", "rules/resource", "rules/stack"]) {
    const rules = list(`policy/${folder}`).filter((file) => / id: |\bid: /.test(read(`policy/${folder}/${file}`)));
    const tests = list(`policy/tests/${folder}`).filter((file) => file.endsWith(".test.ts"));
    const mirrored = rules.map((file) => file.replace(".ts", ".test.ts"));
    expect({ folder, tests: tests.toSorted() }).toEqual({ folder, tests: mirrored.toSorted() });
  }
});

test("the table in README has each policy with its severity, level and title", () => {
  const rows = [
    ...read("docs/policy/README.md").matchAll(/^\| \[([\w-]+)\]\(\1\.md\) +\| (\S+) +\| (\w+) +\| (.+?) +\|$/gm),
  ];
  expect(rows.map(([, ...cells]) => cells)).toEqual(
    policies
      .filter(({ name }) => !WITHOUT_PAGE.includes(name))
      .map(({ name, severity, enforcementLevel, description }) => [
        name,
        severity ?? "—",
        enforcementLevel,
        description,
      ]),
  );
});

describe.each(documents)("%s", (file) => {
  const text = read(`docs/policy/${file}`);
  const name = file.replace(".md", "");
  const examples = examplesIn(text);

  test("has a title, a summary and the same sections as every other page", () => {
    const policy = policies.find((one) => one.name === name);
    expect(text.split("\n")[0]).toBe(`# ${name}`);
    expect(text).toContain(`\n**${policy?.description}`);
    const severity = policy?.severity === undefined ? "" : `Severity ${policy.severity}, `;
    expect(text.toLowerCase()).toContain(`** ${severity}${policy?.enforcementLevel}.`.toLowerCase());
    const sections = [...text.matchAll(/^## (.+)$/gm)].map(([, title]) => title);
    expect(sections).toEqual([
      "What it finds",
      "Why it matters",
      "What it accepts",
      "How to fix it",
      "When an exception is right",
    ]);
  });

  test("has a bad example and a good one", () => {
    expect(examples.map(({ verdict }) => verdict).toSorted()).toEqual(["Bad", "Good"]);
  });

  test.each(examples.filter(({ verdict }) => verdict === "Bad"))(
    "the bad example is found: $about",
    async (example) => {
      expect(await findingsIn(example)).toContain(name);
    },
  );

  test.each(examples.filter(({ verdict }) => verdict === "Good"))(
    "the good example has no finding: $about",
    async (example) => {
      expect(await findingsIn(example)).toEqual([]);
    },
  );
});

test.each(["docs/policy/README.md", "policy/README.md", ...documents.map((file) => `docs/policy/${file}`)])(
  "%s links to files and names paths that exist",
  (file) => {
    const text = read(file);
    const folder = new URL(file, ROOT);
    for (const [, link = ""] of text.matchAll(/\]\((?!https:)([^)#]+)/g))
      expect({ link, exists: existsSync(new URL(link, folder)) }).toEqual({ link, exists: true });
    for (const [, path = ""] of text.matchAll(/`((?:policy|docs|iam|tests)\/[\w./-]*)`/g))
      expect({ path, exists: existsSync(new URL(path, ROOT)) }).toEqual({ path, exists: true });
    for (const [, script = ""] of text.matchAll(/npm run ([a-z:]+)/g))
      expect(JSON.parse(read("package.json")).scripts).toHaveProperty([script]);
  },
);

describe("configurations", () => {
  const inReadme = /```json\n([\s\S]*?)```/.exec(read("policy/README.md"))?.[1] as string;
  const schema = policies.find(({ name }) => name === "settings")?.configSchema;
  const refused = (settings: unknown) =>
    refusedBy({ type: "object", ...schema, additionalProperties: false } as Schema, settings);

  test.each([
    ["docs/policy/policy-config.example.json", read("docs/policy/policy-config.example.json")],
    ["policy/README.md", inReadme],
  ])("the example in %s is valid", (_, text) => {
    for (const [name, config] of Object.entries(JSON.parse(text) as Record<string, unknown>)) {
      expect(names).toContain(name);
      if (name !== "settings") {
        expect(["advisory", "mandatory", "disabled"]).toContain(config);
        continue;
      }
      expect(refused(config)).toEqual([]);
      checkSettings(
        config as Settings,
        RULES.map(({ id }) => id),
      );
    }
  });

  const exception = { rule: "shared-role", resource: "a", reason: "b", until: "2027-01-01" };
  test.each([
    ["an exception without a reason", { exceptions: [{ ...exception, reason: undefined }] }, "exceptions[0].reason"],
    ["a date in words", { exceptions: [{ ...exception, until: "next year" }] }, "exceptions[0].until"],
    ["an account that isn't 12 digits", { account: "1111" }, "account"],
    ["a boundary that isn't an ARN", { permissionsBoundary: "app-boundary" }, "permissionsBoundary"],
    [
      "a misspelled key of an exception",
      { exceptions: [{ ...exception, Until: "2028-01-01" }] },
      "exceptions[0].Until is unknown",
    ],
  ])("the schema rejects %s", (_, settings, where) => {
    expect(refused(settings).join()).toContain(where);
  });

  test.each([
    ["a misspelled key", { exeptions: [] }, 'the key "exeptions", which doesn\'t exist; use one of preset, levels,'],
    ["a level for an unknown rule", { levels: { "shared-rolle": "disabled" } }, 'a level for the rule "shared-rolle"'],
    [
      "an unknown level",
      { levels: { "shared-role": "off" } },
      'the level "off", which doesn\'t exist; use one of mandatory',
    ],
    [
      "an unknown preset",
      { preset: "relaxed" },
      'the preset "relaxed", which doesn\'t exist; use one of recommended, strict, audit',
    ],
    ["an unknown access level", { accessLevels: { reading: "advisory" } }, 'a level for the access level "reading"'],
    [
      "an exception from an unknown rule",
      { exceptions: [{ ...exception, rule: "x" }] },
      'an exception for the rule "x"',
    ],
  ])("the pack rejects %s, which the engine accepts", async (_, settings, message) => {
    const [policy] = made() as ResourceValidationPolicy[];
    const args = { type: "a", name: "a", urn: "a", props: {}, opts: {}, getConfig: () => settings };
    await expect(async () => validateResource(policy as ResourceValidationPolicy, args, () => {})).rejects.toThrow(
      message,
    );
  });

  test("every setting is in README's table", () => {
    const table = read("docs/policy/README.md").match(/\| Key +\|[\s\S]*?\n\n/)?.[0] ?? "";
    const documented = [...table.matchAll(/^\| `(\w+)`/gm)].map(([, key]) => key as string);
    expect(new Set(documented)).toEqual(new Set(Object.keys(schema?.properties ?? {})));
  });
});

describe("the figures in README", () => {
  interface Labeled extends DocumentContext {
    document: unknown;
    expect: string[];
    allow: string[];
  }
  const readme = read("docs/policy/README.md");
  const labeled = list("policy/tests/labeled/documents").flatMap(
    (file) => JSON.parse(read(`policy/tests/labeled/documents/${file}`)) as Labeled[],
  );
  const isReported = ({ document, kind, service, account }: Labeled) =>
    checkDocument(document, { kind, ...(service && { service }), ...(account && { account }) }, catalog).length > 0;

  test("say how many documents and stacks there are", () => {
    expect(readme).toContain(`${labeled.length} documents and ${list("policy/tests/labeled/stacks").length} stacks`);
  });

  test.each(["identity", "resource", "trust"])(
    "say how many %s documents there are, and how many of them this pack reports",
    (kind) => {
      const bad = labeled.filter((one) => one.kind === kind && one.expect.length > 0);
      const good = labeled.filter((one) => one.kind === kind && one.expect.length === 0 && one.allow.length === 0);
      for (const [verdict, examples] of [
        ["bad", bad],
        ["good", good],
      ] as const) {
        const row = readme
          .match(new RegExp(`^\\| ${kind}, (\\d+) ${verdict} +\\| (\\d+) `, "m"))
          ?.slice(1)
          .map(Number);
        expect(row).toEqual([examples.length, examples.filter(isReported).length]);
      }
    },
  );
});

interface Example {
  verdict: string;
  /** What the example is: `identity`, `trust`, `resource of SERVICE`, `stack` or `stack bound by ARN`. */
  about: string;
  json: string;
}

/** JSON blocks, each with the line above it that says whether it is bad or good, and what it is. */
function examplesIn(text: string): Example[] {
  return [...text.matchAll(/^(Bad|Good) \((.+)\):\n\n```json\n([\s\S]*?)\n```$/gm)].map(([, verdict, about, json]) => ({
    verdict: verdict as string,
    about: about as string,
    json: json as string,
  }));
}

/** Names of the policies that report a finding for an example. */
async function findingsIn({ about, json }: Example): Promise<string[]> {
  const [kind = "", of] = about.split(/ of | bound by /);
  if (kind !== "stack") {
    const context = { kind, account: "111122223333", ...(of === undefined ? {} : { service: of }) } as DocumentContext;
    return checkDocument(json, context, catalog).map(({ rule }) => rule);
  }
  const resources = stackOf(
    JSON.parse(json.replaceAll('"unknown until the update"', JSON.stringify(unknownStringValue))),
  );
  const reporting: string[] = [];
  const settings = { account: "111122223333", ...(of === undefined ? {} : { permissionsBoundary: of }) };
  const reporters = made().map((policy) => ({
    policy,
    report: (() => WITHOUT_PAGE.includes(policy.name) || reporting.push(policy.name)) as unknown as ReportViolation,
    shared: { getConfig: () => (policy.name === "settings" ? settings : {}), opts: {} },
  }));
  for (const { parent, ...resource } of resources)
    for (const { policy, report, shared } of reporters)
      if ("validateResource" in policy)
        await validateResource(policy, { ...shared, ...resource, opts: { parent } }, report);
  for (const { policy, report, shared } of reporters)
    if ("validateStack" in policy) {
      const plain = resources.map((resource) => ({ ...resource, propertyDependencies: {}, parent: undefined }));
      await validateStack(policy, { ...shared, resources: plain }, report);
    }
  return [...new Set(reporting)];
}

/** Calls a policy's `validateStack` with only those parts of the engine's arguments that the pack uses. */
function validateStack({ validateStack }: StackValidationPolicy, args: unknown, report: ReportViolation) {
  return validateStack(args as Parameters<typeof validateStack>[0], report);
}

async function validateResource(
  { validateResource }: ResourceValidationPolicy,
  args: unknown,
  report: ReportViolation,
) {
  for (const validate of [validateResource ?? []].flat())
    await validate(args as Parameters<typeof validate>[0], report);
}

interface Schema {
  type?: unknown;
  required?: string[];
  properties?: Record<string, unknown>;
  items?: unknown;
  enum?: unknown[];
  pattern?: string;
  minLength?: number;
  additionalProperties?: unknown;
}

/** A schema's errors for a value, supporting the part of JSON Schema that the pack uses. */
function refusedBy(
  { type, required = [], properties = {}, items, pattern, minLength = 0, additionalProperties }: Schema,
  value: unknown,
  path = "",
): string[] {
  const actual = Array.isArray(value) ? "array" : typeof value;
  if (type !== actual) return [`${path} is of type ${actual}, not ${type}`];
  if (Array.isArray(value)) return value.flatMap((item, i) => refusedBy(items as Schema, item, `${path}[${i}]`));
  if (typeof value === "string") {
    const isRight = value.length >= minLength && new RegExp(pattern ?? "").test(value);
    return isRight ? [] : [`${path} is ${JSON.stringify(value)}`];
  }
  const inner = (key: string) => (path === "" ? key : `${path}.${key}`);
  return [
    ...required
      .filter((key) => (value as Record<string, unknown>)[key] === undefined)
      .map((key) => `${inner(key)} is missing`),
    ...Object.entries(value as object).flatMap(([key, own]) => {
      if (own === undefined) return [];
      if (properties[key] !== undefined) return refusedBy(properties[key] as Schema, own, inner(key));
      return additionalProperties === false ? [`${inner(key)} is unknown`] : [];
    }),
  ];
}

test("ids of rules can be file names", () => {
  for (const id of [...DOCUMENT_RULES, ...RESOURCE_RULES].map((rule) => rule.id))
    expect(id).toMatch(/^[a-z]+(-[a-z]+)*$/);
});
