/** Permissions of the GitHub workflows, read from their files. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { nextSteps } from "../../deploy/told.ts";
import { ROOT } from "../program/stack.ts";
import { PLACE } from "./place.ts";

interface Step {
  uses?: string;
  run?: string;
  shell?: string;
  with?: Record<string, string>;
}
interface Job {
  if?: string;
  needs?: string;
  environment?: string;
  permissions?: Record<string, string>;
  concurrency?: { group: string; "cancel-in-progress": boolean };
  env?: Record<string, string>;
  steps: Step[];
}
interface Workflow {
  on: Record<string, unknown>;
  permissions: object;
  jobs: Record<string, Job>;
}

const read = (file: string) => readFileSync(join(ROOT, file), "utf8");
const FILES = readdirSync(join(ROOT, ".github"), { recursive: true, encoding: "utf8" })
  .filter((file) => /\.ya?ml$/.test(file))
  .map((file) => `.github/${file}`);
const WORKFLOWS = FILES.filter((file) => file.startsWith(".github/workflows/"));
const workflow = (file: string): Workflow => parse(read(`.github/workflows/${file}`));
const stepsOf = (file: string): Step[] => {
  const content = parse(read(file));
  return content.runs?.steps ?? Object.values((content as Workflow).jobs).flatMap(({ steps }) => steps);
};

const [pullRequest, deploy] = [workflow("pull-request.yml"), workflow("deploy.yml")];

test("there are two workflows", () => {
  expect(WORKFLOWS.sort()).toEqual([".github/workflows/deploy.yml", ".github/workflows/pull-request.yml"]);
});

describe.each(FILES)("%s", (file) => {
  test("uses actions by the commit, with the version beside it, or such as are here", () => {
    const used = [...read(file).matchAll(/uses: (\S+)(.*)/g)];
    expect(used.length).toBeGreaterThan(0);
    expect(used).toHaveLength(stepsOf(file).filter(({ uses }) => uses !== undefined).length);
    for (const [, action = "", comment] of used) {
      if (action.startsWith("./")) {
        expect({ action, exists: existsSync(join(ROOT, action, "action.yml")) }).toEqual({ action, exists: true });
      } else {
        expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/);
        expect(comment).toMatch(/^ # v\d+\.\d+\.\d+$/);
      }
    }
  });

  test("puts no expression into a script: whoever names a branch would write it", () => {
    for (const { run } of stepsOf(file)) expect(run ?? "").not.toContain("${{");
  });

  test("runs scripts that there are", () => {
    const { scripts } = JSON.parse(read("package.json"));
    for (const { run = "" } of stepsOf(file)) {
      for (const [, script] of run.matchAll(/npm run (?:-s )?([a-z0-9:]+)/g))
        expect(scripts).toHaveProperty([script as string]);
      for (const [, path] of run.matchAll(/node (\S+\.ts)/g)) {
        expect({ path, exists: existsSync(join(ROOT, path as string)) }).toEqual({ path, exists: true });
      }
    }
  });

  test("leaves no token behind for code that comes later", () => {
    for (const { uses, with: options } of stepsOf(file)) {
      if (uses?.startsWith("actions/checkout@")) expect(options?.["persist-credentials"]).toBe(false);
    }
  });
});

describe("the workflows", () => {
  const jobs = Object.entries({ ...pullRequest.jobs, ...deploy.jobs });

  test("run for pull requests as their forks may, and for main", () => {
    expect(Object.keys(pullRequest.on)).toEqual(["pull_request"]);
    expect(deploy.on).toEqual({ push: { branches: ["main"] } });
    for (const file of FILES) expect(read(file)).not.toMatch(/pull_request_target|workflow_run|secrets\./);
  });

  test("give each job what it needs, and nothing by default", () => {
    for (const each of [pullRequest, deploy]) expect(each.permissions).toEqual({});
    expect(Object.fromEntries(jobs.map(([name, { permissions }]) => [name, permissions]))).toEqual({
      check: { contents: "read" },
      preview: { contents: "read", "id-token": "write" },
      comment: { contents: "read", "pull-requests": "write" },
      dev: { contents: "read", "id-token": "write" },
      prod: { contents: "read", "id-token": "write" },
    });
  });

  test("preview nothing of a fork", () => {
    expect(pullRequest.jobs.preview?.if).toMatch(
      /^github\.event\.pull_request\.head\.repo\.full_name == github\.repository && /,
    );
    // The comment is about a preview that has run.
    expect(pullRequest.jobs.comment).toMatchObject({
      needs: "preview",
      if: expect.stringContaining("needs.preview.result"),
    });
  });

  test("write the comment by the code of main, which the pull request cannot change", () => {
    const [checkout] = pullRequest.jobs.comment?.steps ?? [];
    expect(checkout?.with?.ref).toBe("${{ github.event.pull_request.base.sha }}");
  });

  test("check before anything goes to AWS, and try dev before prod", () => {
    for (const { jobs } of [pullRequest, deploy]) {
      expect(jobs.check?.steps.map(({ run }) => run).filter(Boolean)).toEqual(["npm run check", "npm test"]);
    }
    expect([pullRequest.jobs.preview?.needs, deploy.jobs.dev?.needs, deploy.jobs.prod?.needs]).toEqual([
      "check",
      "check",
      "dev",
    ]);
    expect(deploy.jobs.dev?.steps.at(-1)?.run).toContain("npm run test:e2e");
  });

  test.each(["dev", "prod"])("deploy %s in its environment, from its prefix, one at a time", (stack) => {
    const job = deploy.jobs[stack];
    expect(job?.environment).toBe(stack);
    expect(job?.concurrency).toEqual({ group: `stack-${stack}`, "cancel-in-progress": false });
    expect(job?.env?.PULUMI_BACKEND_URL).toBe(`s3://\${{ vars.STATE_BUCKET }}/${stack}?region=\${{ vars.AWS_REGION }}`);
    expect(job?.steps.map(({ run }) => run)).toContain(`npm run up -- --stack ${stack} --yes --non-interactive`);
  });

  test("use the variables that bootstrap says to set, and no other", () => {
    const used = FILES.flatMap((file) => [...read(file).matchAll(/vars\.(\w+)/g)].map(([, name]) => name));
    const told = [...nextSteps(PLACE).matchAll(/gh variable set (\w+)/g)].map(([, name]) => name);
    expect(new Set(used)).toEqual(new Set(told));
  });

  test("fail when what they pipe fails", () => {
    for (const file of FILES) {
      for (const { run, shell } of stepsOf(file)) if (run?.includes("|")) expect(shell).toBe("bash");
    }
  });
});
