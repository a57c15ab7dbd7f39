/** docs/deploy.md: its commands and files exist, and its steps are in the right order. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { nextSteps } from "../../deploy/messages.ts";
import { PULL_REQUESTS } from "../../deploy/target.ts";
import { ROOT } from "../program/stack.ts";
import { DEV, PROD, TARGET } from "./target.ts";

const read = (file: string) => readFileSync(join(ROOT, file), "utf8");
const GUIDE = read("docs/deploy.md");
const FENCES = [...GUIDE.matchAll(/^```\n([\s\S]*?)^```$/gm)].map(([, text = ""]) => text);

test("docs/deploy.md names only npm scripts that exist", () => {
  const { scripts } = JSON.parse(read("package.json"));
  const named = [...GUIDE.matchAll(/npm run (?:-s )?([a-z0-9:]+)/g)].map(([, script]) => script as string);
  expect(named).toContain("up");
  expect(named).toContain("test:e2e");
  for (const script of named) expect(scripts).toHaveProperty([script]);
});

test("docs/deploy.md names only files that exist", () => {
  const inText = [...GUIDE.matchAll(/`((?:deploy|\.github|docs|tests|components)\/[\w./-]+|Pulumi\.\w+\.yaml)`/g)];
  const linked = [...GUIDE.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, path]) => [path, `docs/${path}`]);
  const run = [...GUIDE.matchAll(/node (\S+\.ts)/g)];
  expect(run.length).toBeGreaterThan(0);
  for (const [, path] of [...inText, ...linked, ...run]) {
    expect({ path, exists: existsSync(join(ROOT, path as string)) }).toEqual({ path, exists: true });
  }
});

test("docs/deploy.md has the commands that bootstrap prints, word for word", () => {
  const target = {
    ...TARGET,
    account: "ACCOUNT",
    region: "REGION",
    repository: "OWNER/REPO",
    stacks: [DEV, PROD, PULL_REQUESTS],
  };
  const printed = nextSteps(target).match(/^ {2}(npx|npm|gh) .*$/gm) ?? [];
  const ofDev = printed.map((line) => line.trim()).filter((line) => !/pulumi.*\bprod\b|--stack prod/.test(line));
  expect(ofDev.length).toBe(14);
  const lines = FENCES.join("\n").split("\n");
  for (const command of ofDev) expect(lines).toContain(command);
});

test("docs/deploy.md creates everything before using it", () => {
  const order = [
    // Environments first: GitHub creates a missing one without protection, and then a workflow on any branch could
    // assume a role that trusts it.
    "gh api --method PUT",
    "npm run bootstrap",
    "pulumi stack init",
    "config set permissionsBoundary",
    "npm run up",
    "deploy/token.ts",
    "npm run chat",
    "npm run test:e2e",
    "gh variable set",
  ];
  const places = order.map((command) => FENCES.join("\n").indexOf(command));
  expect(places).not.toContain(-1);
  expect(places).toEqual([...places].sort((a, b) => a - b));
});
