import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../program/stack.ts";
import { type Answers, runScript } from "./awsStandIn.ts";

const ANSWERS: Answers = {
  "cognito-idp describe-user-pool-domain": "eu-central-1_AbCdEf123",
  "cognito-idp initiate-auth": { USER_ID_FOR_SRP: "u", SRP_B: "ab12", SALT: "cd34", SECRET_BLOCK: "c2VjcmV0" },
  "cognito-idp respond-to-auth-challenge": "the.token.itself",
};
const ARGS = [
  ...["--sign-in-url", "https://chat-dev-users-000000000000.auth.eu-central-1.amazoncognito.com"],
  ...["--client", "client", "--email", "ana@example.com"],
];
const token = (args: string[], answers: Answers) => runScript(join(ROOT, "deploy/token.ts"), args, answers, ROOT);

test("the script creates the user, sets a password, signs the user in, and prints only the token", async () => {
  const { code, stdout, calls } = await token(ARGS, ANSWERS);
  expect([code, stdout]).toEqual([0, "the.token.itself\n"]);
  expect(calls.map(([, command]) => command)).toEqual([
    undefined, // --version
    "describe-user-pool-domain",
    "admin-create-user",
    "admin-set-user-password",
    "initiate-auth",
    "respond-to-auth-challenge",
  ]);
  const password = calls[3]?.[calls[3].indexOf("--password") + 1] ?? "";
  for (const kind of [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9]/, /^.{20,}$/]) expect(password).toMatch(kind);
  expect(JSON.stringify(calls.slice(4))).not.toContain(password);
});

test("the script uses an existing user", async () => {
  const there = {
    ...ANSWERS,
    "cognito-idp admin-create-user": "error:(UsernameExistsException) User account already exists",
  };
  expect((await token(ARGS, there)).stdout).toBe("the.token.itself\n");
});

test("the script says what failed, without the password", async () => {
  const refused = { ...ANSWERS, "cognito-idp admin-set-user-password": "error:(NotAuthorizedException) no" };
  const { code, stdout, stderr } = await token(ARGS, refused);
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toBe("aws cognito-idp admin-set-user-password: (NotAuthorizedException) no\n");
});

test("the script says which options are missing", async () => {
  const { code, stderr } = await token(["--email", "ana@example.com"], ANSWERS);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^--sign-in-url, --client and --email are required/);
});
