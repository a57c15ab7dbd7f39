/** `npm run -s token -- --user ana --port 4510`: prints a token of the local issuer, and nothing else. */
import { commandLine } from "./commandLine.ts";
import { requestToken } from "./localIssuer.ts";

const HELP = `Prints a token of the local cloud's issuer.

  npm run -s token -- --user USER [options]

  --user USER           subject of the token; whoever it is, it exists
  --name NAME           name to show for the user        (default: the user)
  --port PORT           port of the local cloud          (default: 4510)
  --expires-in SECONDS  below 0 it has expired already   (default: 3600)
  --audience AUDIENCE   whom the token is for            (default: local)
  --other-key           signed by a key that the issuer does not publish
  --help                print this
`;

const values = commandLine(HELP, {
  user: { type: "string" },
  name: { type: "string" },
  port: { type: "string", default: "4510" },
  "expires-in": { type: "string" },
  audience: { type: "string" },
  "other-key": { type: "boolean" },
});

if (values.user === undefined) {
  console.error("--user is missing: whose token should it be? --help shows the options");
  process.exitCode = 1;
} else if (values["expires-in"] !== undefined && !/^-?\d+$/.test(values["expires-in"])) {
  console.error(`--expires-in is "${values["expires-in"]}": a whole number of seconds is expected`);
  process.exitCode = 1;
} else if (!/^\d{1,5}$/.test(values.port) || Number(values.port) > 65_535) {
  console.error(`--port is "${values.port}": a number up to 65535 is expected`);
  process.exitCode = 1;
} else {
  const { user, name, audience } = values;
  try {
    const token = await requestToken(`http://127.0.0.1:${values.port}`, {
      user,
      ...(name === undefined ? {} : { name }),
      ...(audience === undefined ? {} : { audience }),
      ...(values["expires-in"] === undefined ? {} : { expiresIn: Number(values["expires-in"]) }),
      ...(values["other-key"] ? { key: "other" } : {}),
    });
    console.log(token);
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}
