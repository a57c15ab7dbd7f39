/** `npm run -s token -- --user ana --port 4510`: prints a token of the local issuer, and nothing else. */
import { commandLine } from "./commandLine.ts";
import { ADDRESS_OPTIONS, localAddress } from "./localAddress.ts";
import { requestToken } from "./localIssuer.ts";

const HELP = `Prints a token of the local cloud's issuer.

  npm run -s token -- --user USER [options]

  --user USER           subject of the token; any name is accepted
  --name NAME           display name of the user         (default: the subject)
  --port PORT           port of the local cloud          (default: 4510)
  --url URL             WebSocket address of the local cloud, instead of --port
  --expires-in SECONDS  lifetime; negative if expired    (default: 3600)
  --audience AUDIENCE   audience of the token            (default: local)
  --other-key           sign with a key that the issuer doesn't publish
  --help                print this
`;

const values = commandLine(HELP, {
  ...ADDRESS_OPTIONS,
  user: { type: "string" },
  name: { type: "string" },
  "expires-in": { type: "string" },
  audience: { type: "string" },
  "other-key": { type: "boolean" },
});

try {
  console.log(await token());
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}

/** @throws Error saying what is wrong with the options, or why there is no token */
async function token(): Promise<string> {
  const { user, name, audience } = values;
  if (user === undefined) throw new Error("--user is missing: name the user of the token; --help shows the options");
  if (values["expires-in"] !== undefined && !/^-?\d+$/.test(values["expires-in"])) {
    throw new Error(`--expires-in is "${values["expires-in"]}": a whole number of seconds is expected`);
  }
  return requestToken(localAddress(values).http, {
    user,
    ...(name === undefined ? {} : { name }),
    ...(audience === undefined ? {} : { audience }),
    ...(values["expires-in"] === undefined ? {} : { expiresIn: Number(values["expires-in"]) }),
    ...(values["other-key"] ? { key: "other" } : {}),
  });
}
