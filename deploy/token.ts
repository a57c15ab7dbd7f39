/**
 * `node deploy/token.ts --email ana@example.com …`: creates a test user of a deployed stack and prints a token for that
 * user.
 */
import { randomBytes } from "node:crypto";
import { commandLine } from "../cli/commandLine.ts";
import { AwsCli, AwsCliError } from "./awsCli.ts";
import { type Challenge, SrpClient } from "./srp.ts";

const HELP = `Signs a test user in to a deployed stack's user pool and prints the token, and nothing else. It creates the user if
necessary, and sets a new random password each time, without showing it. Don't use it for people's own accounts.

  node deploy/token.ts --sign-in-url URL --client ID --email EMAIL

  --sign-in-url URL  the stack's output signInUrl
  --client ID        the stack's output userPoolClientId
  --email EMAIL      the user's address; nothing is sent to it
  --help             print this
`;

const values = commandLine(HELP, {
  "sign-in-url": { type: "string" },
  client: { type: "string" },
  email: { type: "string" },
});

try {
  console.log(await token());
} catch (error) {
  if (!(error instanceof AwsCliError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

async function token(): Promise<string> {
  const { client, email } = values;
  const [, domain, region] =
    /^https:\/\/([a-z0-9-]+)\.auth\.([a-z0-9-]+)\.amazoncognito\.com$/.exec(values["sign-in-url"] ?? "") ?? [];
  if (domain === undefined || region === undefined || client === undefined || email === undefined) {
    throw new AwsCliError("--sign-in-url, --client and --email are required; --help explains them");
  }
  await AwsCli.find();
  const aws = new AwsCli(region);
  const poolId = await aws.ask<string | null>(
    ...["cognito-idp", "describe-user-pool-domain", "--domain", domain, "--query", "DomainDescription.UserPoolId"],
  );
  if (poolId === null) throw new AwsCliError(`there is no user pool with the domain "${domain}" in this account`);
  const password = await makePerson(aws, poolId, email);
  return signIn(aws, { poolId, client, email, password });
}

/** @returns the user's new password */
async function makePerson(aws: AwsCli, poolId: string, email: string): Promise<string> {
  try {
    await aws.ask(
      ...["cognito-idp", "admin-create-user", "--user-pool-id", poolId, "--username", email],
      ...["--message-action", "SUPPRESS", "--user-attributes", `Name=email,Value=${email}`],
      "Name=email_verified,Value=true",
    );
  } catch (error) {
    if (!(error instanceof AwsCliError && /UsernameExistsException/.test(error.message))) throw error;
  }
  // One character of each kind that a pool requires by default.
  const password = `${randomBytes(24).toString("base64url")}aA1!`;
  await aws.ask(
    ...["cognito-idp", "admin-set-user-password", "--user-pool-id", poolId, "--username", email],
    ...["--permanent", "--password", password],
  );
  return password;
}

async function signIn(
  aws: AwsCli,
  { poolId, client, email, password }: { poolId: string; client: string; email: string; password: string },
): Promise<string> {
  const srp = new SrpClient();
  const challenge = await aws.ask<Challenge>(
    ...["cognito-idp", "initiate-auth", "--client-id", client, "--auth-flow", "USER_SRP_AUTH"],
    ...["--auth-parameters", JSON.stringify({ USERNAME: email, SRP_A: srp.publicValue })],
    ...["--query", "ChallengeParameters"],
  );
  const answer = srp.answer(challenge, { poolId, password, at: new Date() });
  return aws.ask<string>(
    ...["cognito-idp", "respond-to-auth-challenge", "--client-id", client, "--challenge-name", "PASSWORD_VERIFIER"],
    ...["--challenge-responses", JSON.stringify(answer), "--query", "AuthenticationResult.IdToken"],
  );
}
