/** Tests `serverless-chat-policy` as it is built. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ACCOUNT, allow, policy, trust } from "./statements.ts";

const CLI = fileURLToPath(new URL("../command.js", import.meta.url));
const WILD = policy(allow("sqs:*", `arn:aws:sqs:eu-central-1:${ACCOUNT}:orders`));
const EXACT = policy(allow("sqs:SendMessage", `arn:aws:sqs:eu-central-1:${ACCOUNT}:orders`));
const TEMPLATE = `Resources:
  Worker:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: { Effect: Allow, Principal: { Service: lambda.amazonaws.com }, Action: "sts:AssumeRole" }
      Policies:
        - PolicyName: work
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - { Effect: Allow, Action: "dynamodb:*", Resource: !GetAtt Table.Arn }
              - { Effect: Allow, Action: "s3:GetObject", Resource: !Sub "arn:\${AWS::Partition}:s3:::\${Bucket}/*" }
`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "policy-cli-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

function run(args: string[], input = "") {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], { input, encoding: "utf8" });
  return { status, stdout, stderr };
}

describe("check", () => {
  test("names the finding in one line with its rule, hash and a link that resolves, and exits with 1", () => {
    const path = file("wild.json", WILD);
    const { status, stdout } = run(["check", path]);
    const [line = "", , summary] = stdout.split("\n");
    expect(line).toMatch(
      /^error .*wild\.json statement 0: the action "sqs:\*" allows .* \[wildcard-action [0-9a-f]{12}\] file:/,
    );
    expect(readFileSync(new URL(line.split(" ").at(-1) as string), "utf8")).toContain("# wildcard-action");
    expect(summary).toBe("1 findings: 1 stop, 0 advise, 0 in the baseline, 0 excepted");
    expect(status).toBe(1);
  });

  test("prints one corrected text for all findings in a document", () => {
    const path = file("several.json", policy(allow(["sqs:SendMessage", "sqs:Get*"], "*")));
    const { stdout } = run(["check", "--account", ACCOUNT, path]);
    const text = stdout.slice(stdout.indexOf("replace all of"));
    expect(JSON.parse(text.slice(text.indexOf("{")))).toEqual(
      policy(
        allow(
          ["sqs:SendMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl"],
          [`arn:aws:sqs:REGION:${ACCOUNT}:QUEUE_NAME`],
        ),
      ),
    );
  });

  test("exits with 0 for a document without findings", () => {
    expect(run(["check", file("exact.json", EXACT)])).toMatchObject({ status: 0, stderr: "" });
  });

  test("reads standard input and recognizes a trust policy", () => {
    const open = policy(trust({ AWS: "*" }));
    const { status, stdout } = run(["check", "-"], JSON.stringify(open));
    expect(stdout).toContain("standard input statement 0: everyone is admitted");
    expect(status).toBe(1);
  });

  test("reads a template with short forms of intrinsic functions, and names the property", () => {
    const { status, stdout } = run(["check", file("template.yaml", TEMPLATE)]);
    expect(stdout).toContain("template.yaml Resources.Worker.Properties.Policies[0].PolicyDocument statement 0");
    expect(stdout.match(/wildcard-action [0-9a-f]/g)).toHaveLength(1);
    expect(stdout).not.toContain("malformed-document");
    expect(status).toBe(1);
  });

  test("reads a folder and skips files that are neither documents nor templates", () => {
    const inner = join(folder, "inner");
    mkdirSync(inner);
    writeFileSync(join(inner, "a.json"), JSON.stringify(WILD));
    writeFileSync(join(inner, "package.json"), JSON.stringify({ name: "x" }));
    expect(run(["check", inner]).stdout.match(/^error/gm)).toHaveLength(1);
  });

  test("warns about each file of a folder that can't be read, and counts the others", () => {
    const mixed = join(folder, "mixed");
    mkdirSync(mixed);
    const write = (name: string, content: string | Buffer) => writeFileSync(join(mixed, name), content);
    write("exact.json", JSON.stringify(EXACT));
    write("broken.json", '{ "Statement": [');
    write("broken.yaml", "Resources:\n  Work: { Type: AWS::IAM::Role");
    write("utf16.json", Buffer.from(`\ufeff${JSON.stringify(WILD)}`, "utf16le"));
    write("comma.json", JSON.stringify(EXACT).replace("}]", "},]"));
    write("comment.json", `# a comment\n${JSON.stringify(EXACT)}`);
    write("package.json", JSON.stringify({ name: "x" }));
    write("tsconfig.json", '{ "strict": true, } // a comment');
    write("chart.yaml", "{{- if .enabled }}\na: b\n{{- end }}");
    write("values.yaml", "replicas: 2\n");
    const { status, stdout, stderr } = run(["check", mixed]);
    const warned = stderr
      .trim()
      .split("\n")
      .map((line) => /^warning: .*\/(\S+) (.*)$/.exec(line)?.slice(1));
    expect(warned).toEqual([
      ["broken.json", expect.stringContaining("is neither JSON nor YAML")],
      ["broken.yaml", expect.stringContaining("is neither JSON nor YAML")],
      ["comma.json", expect.stringContaining("isn't JSON")],
      ["comment.json", expect.stringContaining("isn't JSON")],
      ["utf16.json", expect.stringContaining("isn't UTF-8 text")],
    ]);
    expect(stdout).toContain("1 file checked, 5 files not checked because of the warnings above");
    expect(status).toBe(0);
  });

  test("checks managed policies and every branch in a template, and names the property", () => {
    const template = `Resources:
  Worker:
    Type: AWS::IAM::Role
    Properties:
      ManagedPolicyArns: ["arn:aws:iam::aws:policy/AdministratorAccess"]
  Work:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: "2012-10-17"
        Statement: { Effect: Allow, Action: !If [P, "sqs:SendMessage", "sqs:*"], Resource: !GetAtt Queue.Arn }
  Other:
    Type: AWS::IAM::ManagedPolicy
    Properties: { PolicyDocument: !Foo bar }
`;
    const { status, stdout } = run(["check", file("branches.yaml", template)]);
    expect(stdout).toMatch(
      /^error \S+ Resources\.Worker\.Properties\.ManagedPolicyArns: .*AdministratorAccess.*\[full-access-managed-policy /m,
    );
    expect(stdout).toMatch(/^error \S+ Resources\.Work\.Properties\.PolicyDocument statement 0: the action "sqs:\*"/m);
    expect(stdout).toMatch(/^advice \S+ Resources\.Other\.Properties\.PolicyDocument: .*\[unknown-document /m);
    expect(status).toBe(1);
  });

  test("writes reports", () => {
    const [json, sarif, junit] = ["out.json", "out.sarif", "out.xml"].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    run(["check", "--json", json, "--sarif", sarif, "--junit", junit, file("wild.json", WILD)]);
    expect(JSON.parse(readFileSync(json, "utf8")).findings).toHaveLength(1);
    expect(
      JSON.parse(readFileSync(sarif, "utf8")).runs[0].results[0].locations[0].physicalLocation.artifactLocation.uri,
    ).toContain("wild.json");
    expect(readFileSync(junit, "utf8")).toContain('<testsuites name="serverless-chat-policy" tests="1" failures="1">');
  });

  test.each([
    ["a file that doesn't exist", ["check", "/nowhere.json"], "", "/nowhere.json doesn't exist"],
    ["text that isn't JSON or YAML", ["check", "-"], "{", "standard input is neither JSON nor YAML"],
    ["JSON that is something else", ["check", "-"], '{"a":1}', "has neither Statement"],
    ["no file", ["check"], "", "check needs a file"],
    ["an unknown command", ["lint"], "", 'there is no command "lint"'],
    ["an unknown option", ["check", "--fast", "-"], "", "--fast"],
    ["an unknown kind", ["check", "--kind", "role", "-"], "{}", '--kind is "role"'],
    ["an account that is too short", ["check", "--account", "12", "-"], "{}", '--account is "12"; it must be'],
    ...["--json", "--sarif", "--junit"].map((option): [string, string[], string, string] => [
      `a report of ${option} that can't be written`,
      ["check", option, "/nowhere/report", "-"],
      JSON.stringify(EXACT),
      `${option}: /nowhere/report can't be written: there is no such file or folder`,
    ]),
    ["a configuration that doesn't exist", ["check", "--config", "/nowhere.json", "-"], "{}", "there is no such file"],
    ["baseline without a file to write to", ["baseline", "-"], JSON.stringify(WILD), "baseline needs --config FILE"],
  ])("exits with 2 for %s", (_, args, input, message) => {
    const { status, stderr } = run(args, input);
    expect(stderr).toContain(message);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(status).toBe(2);
  });

  test("exits with 2 for a folder without files to check", () => {
    const empty = join(folder, "empty");
    mkdirSync(empty);
    const { status, stderr } = run(["check", empty]);
    expect(stderr).toContain("no files to check");
    expect(status).toBe(2);
  });

  test("exits with 2 for a .json file that isn't JSON, although YAML allows it", () => {
    const path = file("trailing.json", JSON.stringify(WILD).replace("}]", "},]"));
    const { status, stderr } = run(["check", path]);
    expect(stderr).toContain("isn't JSON, although its name ends in .json");
    expect(status).toBe(2);
  });

  test.each([
    ["a misspelled key", { setings: {} }, 'the key "setings" doesn\'t exist; use "settings"'],
    ["a list", [], "it is []; it must be an object"],
    [
      "an exception without a reason",
      { settings: { exceptions: [{ rule: "wildcard-action", until: "2027-01-31" }] } },
      "settings.exceptions[0].reason is missing",
    ],
    ["text as accounts", { settings: { trustedAccounts: ACCOUNT } }, "settings.trustedAccounts is"],
  ])("rejects a configuration with %s", (_, config, message) => {
    const { status, stderr } = run(["check", "--config", file("bad.json", config), "-"], JSON.stringify(EXACT));
    expect(stderr).toContain(message);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(status).toBe(2);
  });

  test("rejects unknown settings", () => {
    const config = file("bad-config.json", { settings: { presets: "strict" } });
    expect(run(["check", "--config", config, "-"], JSON.stringify(WILD))).toMatchObject({ status: 2 });
  });
});

test("an exported stack fails the check, passes once its findings are in the baseline, and fails on a new finding", () => {
  const urn = (type: string, name: string) => `urn:pulumi:dev::orders::${type}::${name}`;
  const state = (...more: object[]) => ({
    version: 3,
    deployment: {
      resources: [
        {
          urn: urn("aws:sqs/queue:Queue", "orders"),
          type: "aws:sqs/queue:Queue",
          outputs: { arn: `arn:aws:sqs:eu-central-1:${ACCOUNT}:orders` },
        },
        {
          urn: urn("aws:iam/policy:Policy", "work"),
          type: "aws:iam/policy:Policy",
          inputs: { name: "work", policy: JSON.stringify(WILD) },
        },
        ...more,
      ],
    },
  });
  const config = file("policies.json", { settings: { preset: "recommended" }, "missing-version": "mandatory" });
  const stack = file("state.json", state());
  expect(run(["check", "--config", config, stack]).status).toBe(1);
  expect(run(["baseline", "--config", config, stack]).stdout).toContain("now has a baseline of 1 findings");
  expect(JSON.parse(readFileSync(config, "utf8"))["missing-version"]).toBe("mandatory");
  const after = run(["check", "--config", config, stack]);
  expect(after).toMatchObject({ status: 0 });
  expect(after.stdout).toContain("0 stop, 0 advise, 1 in the baseline");

  const added = {
    urn: urn("aws:iam/policy:Policy", "more"),
    type: "aws:iam/policy:Policy",
    inputs: { name: "more", policy: WILD },
  };
  expect(run(["check", "--config", config, file("state.json", state(added))])).toMatchObject({ status: 1 });
});
