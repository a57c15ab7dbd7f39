/** `npm run test:e2e`: runs the end-to-end suite against a deployed stack. */
import { spawnSync } from "node:child_process";
import { commandLine } from "../../cli/commandLine.ts";

const HELP = `Runs the end-to-end tests against a deployed stack.

  npm run test:e2e -- --url wss://… --token TOKEN [--token TOKEN …]

  --url URL      the stack's output webSocketUrl
  --token TOKEN  a user's token; repeat it for several users
  --help         print this
`;

const values = commandLine(HELP, { url: { type: "string" }, token: { type: "string", multiple: true } });
if (values.url === undefined || values.token === undefined) {
  console.error(`--url and --token are needed.\n\n${HELP}`);
  process.exitCode = 1;
} else {
  const env = { ...process.env, CHAT_URL: values.url, CHAT_TOKENS: values.token.join(",") };
  const { status } = spawnSync("vitest", ["run", "tests/e2e/deployed.test.ts"], { env, stdio: "inherit" });
  process.exitCode = status ?? 1;
}
