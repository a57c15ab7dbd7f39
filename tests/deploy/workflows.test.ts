/** Checks the GitHub workflows, read from their files. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { nextSteps } from "../../deploy/messages.ts";
import { PULL_REQUESTS } from "../../deploy/target.ts";
import { ROOT } from "../program/stack.ts";
import { TARGET } from "./target.ts";

interface Step {
  uses?: string;
  run?: string;
  shell?: string;
  with?: Record<string, string | number | boolean>;
}
interface Job {
  if?: string;
  needs?: string;
  strategy?: { matrix: { stack: string[] } };
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
const [stack, sweep, nightly] = [workflow("stack.yml"), workflow("sweep.yml"), workflow("nightly.yml")];

test("there are five workflows", () => {
  const files = ["deploy", "nightly", "pull-request", "stack", "sweep"].map((name) => `.github/workflows/${name}.yml`);
  expect(WORKFLOWS.sort()).toEqual(files);
});

describe.each(FILES)("%s", (file) => {
  test("pins actions by commit, with the version next to it, or uses local ones", () => {
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

  test("puts no expression into a script, because anyone who names a branch could inject code", () => {
    for (const { run } of stepsOf(file)) expect(run ?? "").not.toContain("${{");
  });

  test("runs existing scripts", () => {
    const { scripts } = JSON.parse(read("package.json"));
    for (const { run = "" } of stepsOf(file)) {
      for (const [, script] of run.matchAll(/npm run (?:-s )?([a-z0-9:]+)/g))
        expect(scripts).toHaveProperty([script as string]);
      for (const [, path] of run.matchAll(/node (\S+\.ts)/g)) {
        expect({ path, exists: existsSync(join(ROOT, path as string)) }).toEqual({ path, exists: true });
      }
    }
  });

  test("leaves no token behind for code that runs later", () => {
    for (const { uses, with: options } of stepsOf(file)) {
      if (uses?.startsWith("actions/checkout@")) expect(options?.["persist-credentials"]).toBe(false);
    }
  });
});

describe("the workflows", () => {
  const workflows = { pullRequest, deploy, stack, sweep, nightly };

  test("run for pull requests, with the permissions that forks have, and for main", () => {
    expect(Object.keys(pullRequest.on)).toEqual(["pull_request"]);
    expect(Object.keys(stack.on)).toEqual(["pull_request"]);
    expect(deploy.on).toEqual({ push: { branches: ["main"] } });
    for (const { on } of [sweep, nightly]) expect(Object.keys(on)).toEqual(["schedule", "workflow_dispatch"]);
    for (const file of FILES) expect(read(file)).not.toMatch(/pull_request_target|workflow_run|secrets\./);
  });

  test("give each job the permissions it needs, and none by default", () => {
    for (const each of Object.values(workflows)) expect(each.permissions).toEqual({});
    const permissionsOf = ({ jobs }: Workflow) =>
      Object.fromEntries(Object.entries(jobs).map(([name, { permissions }]) => [name, permissions]));
    const deploying = { contents: "read", "id-token": "write" };
    expect(Object.fromEntries(Object.entries(workflows).map(([name, each]) => [name, permissionsOf(each)]))).toEqual({
      pullRequest: {
        check: { contents: "read" },
        preview: deploying,
        comment: { contents: "read", "pull-requests": "write" },
      },
      deploy: { check: { contents: "read" }, dev: deploying, plan: deploying, prod: deploying },
      stack: {
        deploy: deploying,
        comment: { contents: "read", "pull-requests": "write" },
        destroy: { ...deploying, "pull-requests": "read" },
      },
      sweep: { sweep: { ...deploying, "pull-requests": "read" } },
      nightly: { test: { contents: "read" }, drift: { ...deploying, issues: "write" } },
    });
  });

  test("preview nothing from a fork", () => {
    expect(pullRequest.jobs.preview?.if).toMatch(
      /^github\.event\.pull_request\.head\.repo\.full_name == github\.repository && /,
    );
    // A comment is only written about a completed preview.
    expect(pullRequest.jobs.comment).toMatchObject({
      needs: "preview",
      if: expect.stringContaining("needs.preview.result"),
    });
  });

  test("write comments and destroy stacks with the code of main, which the pull request cannot change", () => {
    for (const job of [pullRequest.jobs.comment, stack.jobs.comment, stack.jobs.destroy]) {
      expect(job?.steps[0]?.with?.ref).toBe("${{ github.event.pull_request.base.sha }}");
    }
  });

  test("find the comment of an earlier run by its marker", () => {
    const markers = [pullRequest, stack].flatMap(({ jobs }) =>
      Object.values(jobs).flatMap(({ steps }) =>
        steps.flatMap(({ run = "" }) => /deploy\/postComment\.ts .*--marker (\S+)/.exec(run)?.[1] ?? []),
      ),
    );
    expect(markers).toEqual(["preview-dev", "stack"]);
  });

  test("create and destroy stacks only for pull requests of this repository, one run at a time", () => {
    for (const job of [stack.jobs.deploy, stack.jobs.destroy]) {
      expect(job?.if).toMatch(/^github\.event\.pull_request\.head\.repo\.full_name == github\.repository && /);
      expect(job?.environment).toBe("pr");
      const group = "stack-pr-${{ github.event.pull_request.number }}";
      expect(job?.concurrency).toEqual({ group, "cancel-in-progress": false });
    }
    expect(stack.jobs.deploy?.if).toContain("contains(github.event.pull_request.labels.*.name, 'deploy')");
    for (const { jobs } of [stack, sweep]) {
      const { steps } = (jobs.destroy ?? jobs.sweep) as Job;
      expect(steps.at(-1)?.run).toBe("npm run stack -- sweep --yes --pull-requests");
    }
    for (const job of [stack.jobs.deploy, stack.jobs.destroy, sweep.jobs.sweep]) {
      expect(job?.env?.PULUMI_BACKEND_URL).toBe("s3://${{ vars.STATE_BUCKET }}/pr?region=${{ vars.AWS_REGION }}");
    }
  });

  test("show the changes to prod before somebody approves them, and make exactly those, never from an older commit", () => {
    const { plan, prod } = deploy.jobs;
    expect(plan?.environment).toBe("prod-plan");
    expect(prod?.needs).toBe("plan");
    const scripts = plan?.steps.map(({ run }) => run ?? "").join("\n");
    expect(scripts).toContain("npm run -s preview -- --stack prod");
    expect(scripts).toContain('>> "$GITHUB_STEP_SUMMARY"');
    const runs = prod?.steps.flatMap(({ run }) => run ?? []) ?? [];
    expect(runs).toEqual([
      'node deploy/notOlder.ts --stack prod --last-update "$LAST_UPDATE"',
      "npm run up -- --stack prod --yes --non-interactive",
    ]);
    // Without the full history, notOlder.ts can't tell whether a commit contains another.
    expect(prod?.steps[0]?.with?.["fetch-depth"]).toBe(0);
  });

  test("detect drift in both stacks each night, with read-only roles, and run the long tests", () => {
    const { drift, test: tests } = nightly.jobs;
    expect(drift?.strategy?.matrix.stack).toEqual(["dev", "prod"]);
    expect(drift?.environment).toBe("${{ matrix.stack }}-plan");
    const scripts = drift?.steps.map(({ run }) => run ?? "").join("\n");
    expect(scripts).toContain("npx pulumi refresh --preview-only --expect-no-changes");
    expect(scripts).toContain("deploy/postIssue.ts");
    expect(tests?.steps.map(({ run }) => run)).toContain("npm run test:long");
  });

  test("run all checks before anything reaches AWS, and test dev before prod", () => {
    for (const { jobs } of [pullRequest, deploy]) {
      expect(jobs.check?.steps.map(({ run }) => run).filter(Boolean)).toEqual(["npm run check", "npm test"]);
    }
    expect([pullRequest.jobs.preview?.needs, deploy.jobs.dev?.needs, deploy.jobs.plan?.needs]).toEqual([
      "check",
      "check",
      "dev",
    ]);
    expect(deploy.jobs.dev?.steps.at(-1)?.run).toContain("npm run test:e2e");
  });

  test.each(["dev", "prod"])("deploy %s in its environment, with its state prefix, one run at a time", (stack) => {
    const job = deploy.jobs[stack];
    expect(job?.environment).toBe(stack);
    expect(job?.concurrency).toEqual({ group: `stack-${stack}`, "cancel-in-progress": false });
    expect(job?.env?.PULUMI_BACKEND_URL).toBe(`s3://\${{ vars.STATE_BUCKET }}/${stack}?region=\${{ vars.AWS_REGION }}`);
    const ups = job?.steps.flatMap(({ run }) => run?.match(/^npm run up .*/) ?? []);
    expect(ups).toEqual([expect.stringContaining(`npm run up -- --stack ${stack} --yes --non-interactive`)]);
  });

  test("use only the variables that bootstrap says to set", () => {
    const used = FILES.flatMap((file) => [...read(file).matchAll(/vars\.(\w+)/g)].map(([, name]) => name));
    const told = [
      ...nextSteps({ ...TARGET, stacks: [...TARGET.stacks, PULL_REQUESTS] }).matchAll(/gh variable set (\w+)/g),
    ].map(([, name]) => name);
    expect(new Set(used)).toEqual(new Set(told));
  });

  test("fail if a command in a pipe fails", () => {
    for (const file of FILES) {
      for (const { run, shell } of stepsOf(file)) if (run?.includes("|")) expect(shell).toBe("bash");
    }
  });
});
