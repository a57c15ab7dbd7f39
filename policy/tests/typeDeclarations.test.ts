/**
 * Every input of the pinned @pulumi/aws whose name suggests a permission is covered by a rule, or listed with a reason.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { DOCUMENT_PROPERTIES } from "../resources/policyDocuments.ts";
import { RESOURCE_RULES } from "../rules/resource/index.ts";
import { NO_GRANTS } from "./noGrants.ts";

const AWS = fileURLToPath(new URL("../../node_modules/@pulumi/aws/", import.meta.url));
const NAMED_LIKE_A_GRANT = /polic(y|ies)|permission|principal|grant/i;

/** The inputs in the type declarations, as `type.input`. */
function inputs(): string[] {
  return readdirSync(AWS, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(`${AWS}${entry.name}/index.d.ts`))
    .flatMap(({ name: module }) =>
      readdirSync(AWS + module)
        .filter((file) => file.endsWith(".d.ts") && file !== "index.d.ts" && !/^get[A-Z]/.test(file))
        .flatMap((file) => {
          const text = readFileSync(`${AWS}${module}/${file}`, "utf8");
          const [, name, body = ""] = /export interface (\w+)Args \{([\s\S]*?)\n\}/.exec(text) ?? [];
          const type = /__pulumiType = "([^"]+)"/.exec(text)?.[1] ?? `aws:${module}/${file.slice(0, -5)}:${name}`;
          return [...body.matchAll(/^ {4}(\w+)\??: /gm)].map(([, input]) => `${type}.${input}`);
        }),
    );
}

const named = inputs().filter((input) => NAMED_LIKE_A_GRANT.test(input.split(".")[1] as string));
const covered = new Set([
  ...Object.entries(DOCUMENT_PROPERTIES).flatMap(([type, properties]) =>
    Object.keys(properties).map((path) => `${type}.${path.split("[]")[0]}`),
  ),
]);
const types = new Set(RESOURCE_RULES.flatMap((rule) => rule.types));
const isCovered = (input: string) => covered.has(input) || types.has(input.split(".")[0] as string);
const isListed = (input: string) => NO_GRANTS.some(({ inputs }) => inputs.test(input.replace(/^aws:/, "")));

test("more than 350 inputs are named like a permission", () => {
  expect(named.length).toBeGreaterThan(350);
});

test("each input that is named like a permission is covered by a rule or listed with a reason", () => {
  expect(named.filter((input) => !isCovered(input) && !isListed(input))).toEqual([]);
});

test("each entry of NO_GRANTS matches inputs that exist and aren't covered", () => {
  for (const { inputs: pattern, reason } of NO_GRANTS)
    expect({
      reason,
      used: named.some((input) => pattern.test(input.replace(/^aws:/, "")) && !isCovered(input)),
    }).toEqual({ reason, used: true });
});
