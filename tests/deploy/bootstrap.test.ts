import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PULL_REQUESTS, type Stack } from "../../deploy/target.ts";
import { sharedTemplate } from "../../deploy/templates/shared.ts";
import { stackTemplate } from "../../deploy/templates/stack.ts";
import { ROOT } from "../program/stack.ts";
import { type Answers, runScript } from "./awsStandIn.ts";
import { ACCOUNT, DEV, PROD, TARGET } from "./target.ts";

/** Names of CloudFormation stacks, none of which exist. */
const STACKS = ["chat-bootstrap", "chat-bootstrap-dev", "chat-bootstrap-prod", "chat-bootstrap-alice"];
const change = (Action: string, LogicalResourceId: string, more: object = {}) => ({
  ResourceChange: { Action, LogicalResourceId, ResourceType: "AWS::IAM::Role", ...more },
});
const changeSet = (...Changes: object[]) => ({ Status: "CREATE_COMPLETE", Changes });
const EMPTY: Answers = {
  "sts get-caller-identity": ACCOUNT,
  "cloudformation describe-stack-resources": "error:Stack with id chat-bootstrap does not exist",
  "cloudformation describe-stacks": [],
  ...Object.fromEntries(
    STACKS.map((stack) => [`cloudformation describe-stacks ${stack}`, `error:Stack with id ${stack} does not exist`]),
  ),
  "cloudformation describe-change-set": changeSet(change("Add", "Something")),
  "iam list-open-id-connect-providers": [],
  "apigateway get-account": null,
  "apigatewayv2 get-apis": [],
  "cognito-idp list-user-pools": [],
  // CloudFront omits the list if there are no items.
  "cloudfront list-distributions": null,
  "cloudfront list-origin-access-controls": null,
  "cloudfront list-response-headers-policies": null,
};
const bootstrap = (args: string[], answers: Answers | undefined = EMPTY, cwd = ROOT) =>
  runScript(join(ROOT, "deploy/bootstrap.ts"), args, answers, cwd);
const REPOSITORY = ["--repository", "octo-org/chat"];
const withoutIds = [DEV, PROD].map(({ name, stage, isDevelopment }) => ({ name, stage, isDevelopment }));

describe("in an empty account", () => {
  const commandsOf = (calls: string[][], stack: string) =>
    calls
      .filter((call) => call[0] === "cloudformation" && call.includes(stack))
      .map(([, command, waiter]) => (command === "wait" ? `wait ${waiter}` : command));

  test("prints its plan, creates stack by stack, and prints the next steps", async () => {
    const { code, stdout, calls, templates } = await bootstrap([...REPOSITORY, "--yes"]);

    expect(code).toBe(0);
    expect(stdout).toMatch(/^In the account 000000000000, Region eu-central-1/);
    expect(stdout).toContain("GitHub as an identity provider\n");
    expect(stdout).toContain("CloudFormation stack chat-bootstrap-prod (new):\n  + Something");
    expect(stdout).toContain("npx pulumi login 's3://chat-state-000000000000-eu-central-1/dev?region=eu-central-1'");
    expect(stdout).toContain("--secrets-provider 'awskms:///alias/chat-prod?region=eu-central-1'");
    expect(stdout).toContain("Then run this command again");
    const target = { ...TARGET, stacks: withoutIds };
    const [dev, prod] = withoutIds as [Stack, Stack];
    expect(templates).toEqual(
      JSON.parse(
        JSON.stringify({
          "chat-bootstrap": sharedTemplate(target, { makeGithubProvider: true, setLogsRole: true }, ["dev", "prod"]),
          "chat-bootstrap-dev": stackTemplate(target, dev),
          "chat-bootstrap-prod": stackTemplate(target, prod),
        }),
      ),
    );
    for (const stack of Object.keys(templates)) {
      expect(commandsOf(calls, stack).slice(-5)).toEqual([
        ...["create-change-set", "wait change-set-create-complete", "describe-change-set"],
        ...["execute-change-set", "wait stack-create-complete"],
      ]);
    }
    // Everything is looked up before anything changes.
    const commands = calls.map(([, command]) => command);
    expect(commands.lastIndexOf("describe-change-set")).toBeLessThan(commands.indexOf("execute-change-set"));
    expect(calls.filter(([, command]) => command === "create-change-set").flat()).toContain("CAPABILITY_NAMED_IAM");
  });

  test("creates what pull requests share if asked to, and says which values to set on GitHub", async () => {
    const name = "chat-bootstrap-pr";
    const missing = `error:Stack with id ${name} does not exist`;
    const answers = { ...EMPTY, [`cloudformation describe-stacks ${name}`]: missing };
    const { code, stdout, templates } = await bootstrap([...REPOSITORY, "--yes", "--pull-requests"], answers);
    expect(code).toBe(0);
    const target = { ...TARGET, stacks: [...withoutIds, PULL_REQUESTS] };
    expect(templates[name]).toEqual(JSON.parse(JSON.stringify(stackTemplate(target, PULL_REQUESTS))));
    expect(stdout).toContain("gh variable set AWS_BOUNDARY --env pr --body");
    // A workflow creates these stacks, not a person.
    expect(stdout).not.toContain("pulumi stack init pr ");
  });

  test("with --print, prints the templates and deploys nothing", async () => {
    const { stdout, calls } = await bootstrap([...REPOSITORY, "--print"]);
    const templates = JSON.parse(stdout);
    expect(Object.keys(templates)).toEqual(["chat-bootstrap", "chat-bootstrap-dev", "chat-bootstrap-prod"]);
    expect(templates["chat-bootstrap"]).toHaveProperty(["Resources", "State"]);
    expect(calls.map(([, command]) => command)).not.toContain("create-change-set");
  });

  test("creates nothing without approval, and leaves nothing behind", async () => {
    const { code, stderr, calls } = await bootstrap(REPOSITORY);
    expect(code).toBe(1);
    expect(stderr).toBe("can't ask for confirmation without a terminal: use --yes\n");
    expect(calls.map(([, command]) => command)).not.toContain("execute-change-set");
    expect(calls.filter(([, command]) => command === "delete-stack")).toHaveLength(3);
  });
});

describe("in an account with other stacks", () => {
  const OTHERS: Answers = {
    ...EMPTY,
    "cloudformation describe-stacks": ["chat-bootstrap-dev", "chat-bootstrap-prod"],
    "cloudformation describe-stacks chat-bootstrap": "UPDATE_COMPLETE",
    "cloudformation describe-change-set chat-bootstrap": changeSet(change("Modify", "State", { Replacement: "False" })),
  };
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "bootstrap-test-"));
    writeFileSync(join(folder, "Pulumi.yaml"), "name: chat\nruntime: nodejs\n");
    for (const stack of ["alice", "dev-2", "de"])
      writeFileSync(join(folder, `Pulumi.${stack}.yaml`), "config:\n  aws:region: eu-central-1\n");
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test("adds one more and doesn't touch the others", async () => {
    const { code, calls, templates, stdout } = await bootstrap(
      [...REPOSITORY, "--stack", "alice", "--yes"],
      OTHERS,
      folder,
    );
    expect(code).toBe(0);
    expect(Object.keys(templates).sort()).toEqual(["chat-bootstrap", "chat-bootstrap-alice"]);
    const changed = calls.filter(([, command]) => /execute|delete/.test(command ?? "")).map((call) => call[3]);
    expect(changed).toEqual(["chat-bootstrap", "chat-bootstrap-alice"]);
    // The other stacks' lifecycle rules stay.
    const shared = JSON.stringify(templates["chat-bootstrap"]);
    for (const stack of ["alice", "dev", "prod"]) expect(shared).toContain(`${stack}/.pulumi/history/`);
    expect(stdout).toContain("CloudFormation stack chat-bootstrap:\n  ~ State");
  });

  test("a name that begins with another stack's name and a hyphen is refused", async () => {
    const { code, stderr } = await bootstrap([...REPOSITORY, "--stack", "dev-2", "--print"], OTHERS, folder);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^the stack "dev" could change the resources of "dev-2".*choose a name other than "dev-2"/);
  });

  test("a name that is only the first letters of another stack's name is accepted", async () => {
    const { code } = await bootstrap([...REPOSITORY, "--stack", "de", "--print"], OTHERS, folder);
    expect(code).toBe(0);
  });

  test.each([
    ["removed", change("Remove", "Deploy", { PhysicalResourceId: "chat-deploy-dev" })],
    ["replaced", change("Modify", "Deploy", { PhysicalResourceId: "chat-deploy-dev", Replacement: "True" })],
  ])("--yes alone isn't enough if something would be %s", async (_, removal) => {
    const { code, stderr, stdout, calls } = await bootstrap(
      [...REPOSITORY, "--stack", "alice", "--yes"],
      { ...OTHERS, "cloudformation describe-change-set chat-bootstrap": changeSet(removal) },
      folder,
    );
    expect(code).toBe(1);
    expect(stdout).toContain(`chat-deploy-dev is ${_}`);
    expect(stderr).toBe(
      "can't ask for confirmation without a terminal: chat-deploy-dev would be removed: run this in a terminal, and type its name\n",
    );
    const commands = calls.map(([, command]) => command);
    expect(commands).not.toContain("execute-change-set");
    expect(commands.filter((command) => /^delete-/.test(command ?? "")).sort()).toEqual([
      "delete-change-set",
      "delete-stack",
    ]);
  });

  test("an update without changes is skipped", async () => {
    const { code, stdout, calls } = await bootstrap(
      [...REPOSITORY, "--stack", "alice"],
      {
        ...OTHERS,
        "cloudformation describe-stacks chat-bootstrap-alice": "CREATE_COMPLETE",
        "cloudformation wait change-set-create-complete": "error:Waiter ChangeSetCreateComplete failed",
        "cloudformation describe-change-set": {
          Status: "FAILED",
          StatusReason: "The submitted information didn't contain changes.",
        },
        "cloudformation describe-change-set chat-bootstrap": {
          Status: "FAILED",
          StatusReason: "No updates are to be performed.",
        },
      },
      folder,
    );
    expect(code).toBe(0);
    expect(stdout).toContain("CloudFormation stack chat-bootstrap-alice: nothing changes");
    expect(calls.map(([, command]) => command)).not.toContain("execute-change-set");
  });
});

describe("when resources exist", () => {
  const MADE: Answers = {
    ...EMPTY,
    "apigatewayv2 get-apis": ["a1b2c3d4e5"],
    "cognito-idp list-user-pools": ["eu-central-1_AbCdEf123"],
    "cloudfront list-distributions": ["E1AAAAAAAAAAAA"],
  };
  const resourcesWith = async (answers: Answers) => {
    const { stdout } = await bootstrap([...REPOSITORY, "--print"], answers);
    const templates: { Resources: object }[] = Object.values(JSON.parse(stdout));
    return Object.assign({}, ...templates.map(({ Resources }) => Resources));
  };

  test("the deploy role gets permissions for the API, the user pool and the distribution", async () => {
    const { DevDeploy } = await resourcesWith(MADE);
    expect(JSON.stringify(DevDeploy)).toContain("arn:aws:apigateway:eu-central-1::/apis/a1b2c3d4e5/*");
    expect(JSON.stringify(DevDeploy)).toContain(":userpool/eu-central-1_AbCdEf123");
    expect(JSON.stringify(DevDeploy)).toContain("arn:aws:cloudfront::000000000000:distribution/E1AAAAAAAAAAAA");
  });

  test("existing trust in GitHub and an existing log role stay as they are", async () => {
    const resources = await resourcesWith({
      ...EMPTY,
      "iam list-open-id-connect-providers": [
        `arn:aws:iam::${ACCOUNT}:oidc-provider/token.actions.githubusercontent.com`,
      ],
      "apigateway get-account": "arn:aws:iam::000000000000:role/logs",
    });
    expect(resources).not.toHaveProperty("GithubProvider");
    expect(resources).not.toHaveProperty("ApiGatewayAccount");
  });

  test("resources of an earlier run stay in the template, because CloudFormation would delete them otherwise", async () => {
    const resources = await resourcesWith({
      ...EMPTY,
      "cloudformation describe-stack-resources": ["State", "GithubProvider", "ApiGatewayAccount"],
      "iam list-open-id-connect-providers": [
        `arn:aws:iam::${ACCOUNT}:oidc-provider/token.actions.githubusercontent.com`,
      ],
      "apigateway get-account": "arn:aws:iam::000000000000:role/chat-ci/chat-api-gateway-logs-eu-central-1",
    });
    expect(resources).toHaveProperty("GithubProvider");
    expect(resources).toHaveProperty("ApiGatewayAccount");
  });

  test("two APIs with the same name are reported, and none is chosen", async () => {
    const { code, stderr } = await bootstrap([...REPOSITORY, "--yes"], {
      ...MADE,
      "apigatewayv2 get-apis": ["a", "b"],
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^2 resources are named "chat-(dev|prod)-chat" \(API a, b\)/);
  });
});

describe("an obstacle is reported in a sentence", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "bootstrap-test-"));
    writeFileSync(join(folder, "Pulumi.yaml"), "name: chat\nruntime: nodejs\n");
    for (const [stack, region] of Object.entries({
      dev: "eu-central-1",
      "dev-2": "eu-central-1",
      us: "us-east-1",
      Big: "us-east-1",
    })) {
      writeFileSync(join(folder, `Pulumi.${stack}.yaml`), `config:\n  aws:region: ${region}\n`);
    }
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each([
    ["no repository", [], /^--repository is missing/],
    ["text that isn't a repository's name", ["--repository", "https://github.com/o/r"], /^--repository is "https:/],
    ["an unknown option", ["--force"], /--help shows the options/],
    ["a stack without a file", [...REPOSITORY, "--stack", "test"], /^there is no .*Pulumi\.test\.yaml/],
    [
      "stacks of two Regions",
      [...REPOSITORY, "--stack", "dev", "--stack", "us"],
      /^aws:region is eu-central-1 and us-east-1/,
    ],
    [
      "names that begin alike",
      [...REPOSITORY, "--stack", "dev", "--stack", "dev-2"],
      /^the stack "dev" could change the resources of/,
    ],
    [
      "a name that can't be part of an ARN",
      [...REPOSITORY, "--stack", "Big"],
      /^the stack "Big" has an invalid name: use only/,
    ],
  ])("%s", async (_, args, message) => {
    const { code, stderr } = await bootstrap(args, EMPTY, folder);
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
  });

  test("no AWS CLI", async () => {
    const { code, stderr } = await runScript(
      join(ROOT, "deploy/bootstrap.ts"),
      [...REPOSITORY, "--yes"],
      undefined,
      ROOT,
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/^the AWS CLI isn't installed on this machine: install it as described at https:/);
  });

  test("no credentials", async () => {
    const { code, stderr } = await bootstrap(REPOSITORY, {
      "sts get-caller-identity": "error:Unable to locate credentials",
    });
    expect(code).toBe(1);
    expect(stderr).toBe("aws sts get-caller-identity: Unable to locate credentials\n");
  });

  test("a deployment that fails", async () => {
    const { code, stderr } = await bootstrap([...REPOSITORY, "--yes"], {
      ...EMPTY,
      "cloudformation wait stack-create-complete": "error:Waiter StackCreateComplete failed",
      "cloudformation describe-stack-events": [
        "State CREATE_FAILED chat-state-000000000000-eu-central-1 already exists",
      ],
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^CloudFormation hasn't changed the stack chat-bootstrap: .*\n {2}State CREATE_FAILED .* exists$/m,
    );
  });
});

test("--help needs nothing", async () => {
  const { code, stdout, calls } = await bootstrap(["--help"], undefined);
  expect(code).toBe(0);
  expect(stdout).toContain("--repository NAME");
  expect(calls).toEqual([]);
});
