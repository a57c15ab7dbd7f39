import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { template } from "../../deploy/template.ts";
import { ROOT } from "../program/stack.ts";
import { type Answers, runScript } from "./awsStandIn.ts";
import { ACCOUNT, DEV, PLACE, PROD } from "./place.ts";

const EMPTY: Answers = {
  "sts get-caller-identity": ACCOUNT,
  "cloudformation describe-stack-resources": "error:Stack with id chat-bootstrap does not exist",
  "iam list-open-id-connect-providers": [],
  "apigateway get-account": null,
  "apigatewayv2 get-apis": [],
  "cognito-idp list-user-pools": [],
  // CloudFront lists no items where there are none.
  "cloudfront list-distributions": null,
  "cloudfront list-origin-access-controls": null,
  "cloudfront list-response-headers-policies": null,
};
const bootstrap = (args: string[], answers: Answers | undefined = EMPTY, cwd = ROOT) =>
  runScript(join(ROOT, "deploy/bootstrap.ts"), args, answers, cwd);
const REPOSITORY = ["--repository", "octo-org/chat"];
const withoutIds = [DEV, PROD].map(({ name, stage, isDevelopment }) => ({ name, stage, isDevelopment }));

describe("in an empty account", () => {
  test("says what it will make, makes it, and says what comes next", async () => {
    const { code, stdout, calls, template: deployed } = await bootstrap([...REPOSITORY, "--yes"]);

    expect(code).toBe(0);
    expect(stdout).toMatch(/^In the account 000000000000, Region eu-central-1/);
    expect(stdout).toContain("GitHub as identity provider\n");
    expect(stdout).toContain("npx pulumi login 's3://chat-state-000000000000-eu-central-1/dev?region=eu-central-1'");
    expect(stdout).toContain("--secrets-provider 'awskms:///alias/chat-prod?region=eu-central-1'");
    expect(stdout).toContain("Then run this command again");
    const deploy = calls.find(([, command]) => command === "deploy");
    expect(deploy).toEqual(expect.arrayContaining(["--stack-name", "chat-bootstrap", "CAPABILITY_NAMED_IAM"]));
    expect(JSON.parse(deployed ?? "")).toEqual(
      JSON.parse(
        JSON.stringify(template({ ...PLACE, stacks: withoutIds }, { makeGithubProvider: true, setLogsRole: true })),
      ),
    );
  });

  test("prints the template and deploys nothing", async () => {
    const { stdout, calls } = await bootstrap([...REPOSITORY, "--print"]);
    expect(JSON.parse(stdout)).toHaveProperty(["Resources", "State"]);
    expect(calls.map(([, command]) => command)).not.toContain("deploy");
  });

  test("makes nothing that nobody has agreed to", async () => {
    const { code, stderr, calls } = await bootstrap(REPOSITORY);
    expect(code).toBe(1);
    expect(stderr).toBe("there is nobody to ask: give --yes\n");
    expect(calls.map(([, command]) => command)).not.toContain("deploy");
  });
});

describe("where something is there", () => {
  const MADE: Answers = {
    ...EMPTY,
    "apigatewayv2 get-apis": ["a1b2c3d4e5"],
    "cognito-idp list-user-pools": ["eu-central-1_AbCdEf123"],
    "cloudfront list-distributions": ["E1AAAAAAAAAAAA"],
  };
  const resourcesWith = async (answers: Answers) => {
    const { stdout } = await bootstrap([...REPOSITORY, "--print"], answers);
    return JSON.parse(stdout).Resources;
  };

  test("the API, the user pool and the distribution become known to the deploy role", async () => {
    const { DevDeploy } = await resourcesWith(MADE);
    expect(JSON.stringify(DevDeploy)).toContain("arn:aws:apigateway:eu-central-1::/apis/a1b2c3d4e5/*");
    expect(JSON.stringify(DevDeploy)).toContain(":userpool/eu-central-1_AbCdEf123");
    expect(JSON.stringify(DevDeploy)).toContain("arn:aws:cloudfront::000000000000:distribution/E1AAAAAAAAAAAA");
  });

  test("another's trust in GitHub and log role stay as they are", async () => {
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

  test("those of an earlier run stay in the template: else CloudFormation would delete them", async () => {
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

  test("two APIs of one name are not guessed at", async () => {
    const { code, stderr } = await bootstrap([...REPOSITORY, "--yes"], {
      ...MADE,
      "apigatewayv2 get-apis": ["a", "b"],
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^there are 2 of the name "chat-dev-chat" \(API a, b\)/);
  });
});

describe("what stands in the way is said in a sentence", () => {
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
    ["no repository's name", ["--repository", "https://github.com/o/r"], /^--repository is "https:/],
    ["an option that there is not", ["--force"], /--help shows the options/],
    ["a stack without a file", [...REPOSITORY, "--stack", "test"], /^there is no .*Pulumi\.test\.yaml/],
    [
      "stacks of two Regions",
      [...REPOSITORY, "--stack", "dev", "--stack", "us"],
      /^aws:region is eu-central-1 and us-east-1/,
    ],
    [
      "names that begin alike",
      [...REPOSITORY, "--stack", "dev", "--stack", "dev-2"],
      /^the stack "dev" would be let in/,
    ],
    ["a name that no ARN should have", [...REPOSITORY, "--stack", "Big"], /^the stack "Big" has a name with more than/],
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
    expect(stderr).toMatch(/^the AWS CLI is not on this machine: install it by https:/);
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
      "cloudformation deploy": "error:no",
    });
    expect(code).toBe(1);
    expect(stderr).toContain("aws cloudformation deploy has ended with 254");
  });
});

test("--help needs nothing", async () => {
  const { code, stdout, calls } = await bootstrap(["--help"], undefined);
  expect(code).toBe(0);
  expect(stdout).toContain("--repository NAME");
  expect(calls).toEqual([]);
});
