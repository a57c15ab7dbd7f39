import * as pulumi from "@pulumi/pulumi";

/** Days that CloudWatch Logs can keep log lines. */
const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/** One key of the configuration. Its type, default and description are also in Pulumi.yaml and README. */
interface Setting<Value extends string | number | boolean> {
  /** The default in Pulumi.yaml's form. */
  type: "string" | "integer" | "boolean";
  /** An empty string means none. */
  default: Value;
  description: string;
  /** The allowed values, for errors and README. */
  allowed: string;
  /** @returns undefined for an invalid value */
  parse(text: string): Value | undefined;
}

/**
 * The keys of the configuration. `npm run settings` writes them to Pulumi.yaml and README: run it after a change here.
 */
export const SETTINGS = {
  stageName: text(
    "",
    /^[A-Za-z0-9_-]{0,128}$/,
    "letters, digits, - and _, 128 at most",
    "name of the API's stage, part of its URL; empty for the stack's name",
  ),
  auth: oneOf(
    "cognito",
    ["cognito", "oidc"],
    "issuer of the tokens that open connections: the stack's own user pool, or an existing OIDC issuer",
  ),
  oidcIssuer: text("", /^(https:\/\/[^\s?#]+)?$/, "the https URL of an OIDC issuer", "`iss` of the tokens, with oidc"),
  oidcAudience: text(
    "",
    /^\S*$/,
    "the audience that the issuer puts into its tokens",
    "`aud` of the tokens, with oidc",
  ),
  origins: text(
    "",
    /^/,
    "a list of origins such as https://chat.example.com, with commas between them",
    "origins of the pages that may connect; programs other than browsers send none",
  ),
  domain: text(
    "",
    /^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$|^$/,
    "a domain name such as chat.example.com",
    "domain for clients, in place of API Gateway's own address; needs chat:zone or chat:certificateArn",
  ),
  zone: text(
    "",
    /^(Z[A-Z0-9]+)?$/,
    "the id of a hosted zone of Route 53",
    "zone in which to create the domain's certificate and record",
  ),
  certificateArn: text(
    "",
    /^(arn:[a-z-]+:acm:[a-z0-9-]+:\d{12}:certificate\/[\w-]+)?$/,
    "the ARN of a certificate of ACM in the stack's Region",
    "the domain's certificate, if its DNS is elsewhere",
  ),
  page: flag(true, "deploy the chat page; the local cloud serves it itself"),
  memory: wholeNumber(512, 128, 10_240, "memory of each function in MB"),
  logRetentionDays: oneOf(30, RETENTION_DAYS, "days that log lines are kept"),
  throttleRate: wholeNumber(500, 1, 10_000, "frames per second over all connections"),
  throttleBurst: wholeNumber(1_000, 1, 5_000, "frames that may arrive in a burst"),
  userRate: wholeNumber(
    2,
    1,
    1_000,
    "messages, edits and the like that one person may append per second, over all rooms",
  ),
  userBurst: wholeNumber(10, 1, 100_000, "messages, edits and the like that one person may append in a burst"),
  publishRate: wholeNumber(50, 1, 1_000, "messages that one service may publish per second; twice as many in a burst"),
  roomRate: wholeNumber(100, 1, 1_000, "messages, edits and the like that may be appended to one room per second"),
  connectRate: wholeNumber(60, 1, 100_000, "connections that one person may open per minute, and in a burst"),
  handshakeRate: wholeNumber(
    50,
    1,
    10_000,
    "handshakes per second over all people; more are refused before they slow down open connections",
  ),
  connectionsPerPerson: wholeNumber(20, 1, 1_000, "connections per person; a new one beyond that closes the oldest"),
  roomsPerConnection: wholeNumber(100, 1, 1_000, "rooms that one connection may be in"),
  strikes: wholeNumber(20, 1, 1_000_000, "refused frames after which their connection is closed"),
  lobby: text(
    "lobby",
    /^[^\p{Cc}]{0,64}$/u,
    "a room's name of up to 64 characters, or nothing",
    "room that every connection starts in; empty for none, which suits very many connections (docs/scale.md)",
  ),
  reservedConcurrency: wholeNumber(
    0,
    0,
    1_000,
    "concurrent invocations per function, taken from the account's pool; 0 sets no limit",
  ),
  retentionDays: wholeNumber(0, 0, 3_650, "days that messages are kept, fixed when they are written; 0 means forever"),
  sweepMinutes: wholeNumber(5, 1, 60, "minutes between two sweeps for stale connections"),
  apiGatewayAccount: oneOf(
    "existing",
    ["existing", "create"],
    "whether API Gateway's log role for the account and Region exists",
  ),
  protectData: flag(false, "protect tables, users and logs from deletion"),
  auditTrail: flag(false, "record access to personal data with CloudTrail, at extra cost (docs/deploy.md)"),
  permissionsBoundary: text(
    "",
    /^(arn:[a-z-]+:iam::(\d{12}|aws):policy\/.+)?$/,
    "the ARN of a managed policy",
    "permissions boundary of every role; empty for none",
  ),
} satisfies Record<string, Setting<string | number | boolean>>;

type Key = keyof typeof SETTINGS;
type Values = { [K in Key]: (typeof SETTINGS)[K]["default"] };

/** The stack's configuration, read only here: the {@link SETTINGS} and values derived from them. */
export interface Config
  extends Omit<
    Values,
    "oidcIssuer" | "oidcAudience" | "origins" | "permissionsBoundary" | "domain" | "zone" | "certificateArn"
  > {
  /** `iss` and `aud` of the tokens, with `auth: oidc`; locally those of the local issuer. */
  oidc: { issuer: string; audience: string } | undefined;
  origins: string[];
  /** Undefined locally, where clients connect to this machine. */
  domain: { name: string; zone: string } | { name: string; certificateArn: string } | undefined;
  permissionsBoundary: string | undefined;
}

/**
 * Reads and checks the configuration and the names of project and stack.
 *
 * @throws pulumi.RunError that names the key or name, its value and the allowed values
 */
export function readConfig(): Config {
  refuseUnknownKeys();
  const values = Object.fromEntries((Object.keys(SETTINGS) as Key[]).map((key) => [key, read(key)])) as Values;
  const oidc = oidcOf(values);
  const problem = problemWithNames(pulumi.getProject(), pulumi.getStack(), oidc === undefined);
  if (problem !== undefined) throw new pulumi.RunError(`${problem}. Choose another name`);
  return {
    ...values,
    oidc,
    origins: originsOf(values),
    domain: domainOf(values),
    page: values.page && !isLocal(),
    stageName: values.stageName || pulumi.getStack(),
    permissionsBoundary: values.permissionsBoundary || undefined,
  };
}

/** Cognito's limit for the first part of a sign-in page's host name. */
const MAX_DOMAIN_CHARACTERS = 63;
const ACCOUNT_CHARACTERS = 12;

/**
 * Checks the names of the project and the stack, because AWS would refuse functions, queues or the domain of a user pool
 * with invalid names halfway through an update.
 *
 * @returns the reason why AWS would refuse the names; undefined if they are valid
 */
export function problemWithNames(project: string, stack: string, hasUserPool: boolean): string | undefined {
  for (const [what, name] of Object.entries({ project, stack })) {
    const refused = `the ${what} is named "${name}", and AWS would refuse this in the names of its resources`;
    if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name))
      return `${refused}: use only lowercase letters, digits, and single hyphens between them`;
    const reserved = /aws|amazon|cognito/.exec(name)?.[0];
    if (hasUserPool && reserved !== undefined) return `${refused}: a user pool's domain can't contain "${reserved}"`;
  }
  const length = `${project}-${stack}-users-`.length + ACCOUNT_CHARACTERS;
  if (!hasUserPool || length <= MAX_DOMAIN_CHARACTERS) return undefined;
  return (
    `the project "${project}" and the stack "${stack}" give the user pool's domain a name of ${length} characters, ` +
    `and Cognito allows ${MAX_DOMAIN_CHARACTERS}`
  );
}

/** Without this check, a misspelled key would silently do nothing. */
function refuseUnknownKeys(): void {
  const prefix = `${pulumi.getProject()}:`;
  const known = Object.keys(SETTINGS);
  for (const full of Object.keys(pulumi.runtime.allConfig())) {
    const key = full.slice(prefix.length);
    if (!full.startsWith(prefix) || known.includes(key)) continue;
    const nearest = [...known].sort((a, b) => distance(key, a) - distance(key, b))[0];
    throw new pulumi.RunError(`there is no configuration key "${full}": did you mean "${prefix}${nearest}"?`);
  }
}

/** Levenshtein distance: the insertions, deletions and replacements of a character between two words. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = (row[j - 1] as number) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] as number) + 1, (next[j - 1] as number) + 1, replaced));
    }
    row = next;
  }
  return row[to.length] as number;
}

/** The local cloud sets these keys to its issuer's URL; on AWS nothing listens on loopback. */
const LOCAL = /^http:\/\/127\.0\.0\.1:\d+$/;

function oidcOf({ auth, oidcIssuer, oidcAudience }: Values): Config["oidc"] {
  const local = new pulumi.Config("local");
  if (isLocal()) return { issuer: local.require("issuer"), audience: local.require("audience") };
  if (auth === "cognito") return undefined;
  for (const key of ["oidcIssuer", "oidcAudience"] as const) read(key) || refuse(key, "");
  return { issuer: oidcIssuer, audience: oidcAudience };
}

function isLocal(): boolean {
  return LOCAL.test(new pulumi.Config("local").get("issuer") ?? "");
}

function originsOf(values: Values): string[] {
  const origins = values.origins
    .split(",")
    .map((origin) => origin.trim())
    .filter(Boolean);
  for (const origin of origins) {
    if (!URL.canParse(origin) || new URL(origin).origin !== origin) refuse("origins", values.origins);
  }
  const localPage = new pulumi.Config("local").get("page");
  return localPage === undefined || !LOCAL.test(localPage) ? origins : [...origins, localPage];
}

function domainOf({ domain: name, zone, certificateArn }: Values): Config["domain"] {
  if (name === "" && zone === "" && certificateArn === "") return undefined;
  const key = (key: Key) => `"${pulumi.getProject()}:${key}"`;
  if (name === "" || (zone === "") === (certificateArn === "")) {
    throw new pulumi.RunError(
      `a domain of the stack's own needs ${key("domain")}, and either ${key("zone")} or ${key("certificateArn")}. ` +
        `Set them in Pulumi.${pulumi.getStack()}.yaml`,
    );
  }
  if (isLocal()) return undefined;
  return zone === "" ? { name, certificateArn } : { name, zone };
}

function read(key: Key): string | number | boolean {
  const given = new pulumi.Config().get(key);
  const setting: Setting<string | number | boolean> = SETTINGS[key];
  return given === undefined ? setting.default : (setting.parse(given) ?? refuse(key, given));
}

function refuse(key: Key, value: string): never {
  const full = `${pulumi.getProject()}:${key}`;
  throw new pulumi.RunError(
    `the configuration key "${full}" is "${value}"; it must be ${SETTINGS[key].allowed}. Set it in Pulumi.${pulumi.getStack()}.yaml`,
  );
}

function text(fallback: string, pattern: RegExp, allowed: string, description: string): Setting<string> {
  const parse = (given: string) => (pattern.test(given) ? given : undefined);
  return { type: "string", default: fallback, description, allowed, parse };
}

function wholeNumber(fallback: number, least: number, most: number, description: string): Setting<number> {
  const parse = (given: string) =>
    /^\d+$/.test(given) && Number(given) >= least && Number(given) <= most ? Number(given) : undefined;
  return { type: "integer", default: fallback, description, allowed: `a whole number from ${least} to ${most}`, parse };
}

function oneOf<const Choice extends string | number>(
  fallback: Choice,
  choices: readonly Choice[],
  description: string,
): Setting<Choice> {
  const type = typeof fallback === "number" ? "integer" : "string";
  const parse = (given: string) => choices.find((choice) => String(choice) === given);
  return { type, default: fallback, description, allowed: `one of ${choices.join(", ")}`, parse };
}

function flag(fallback: boolean, description: string): Setting<boolean> {
  const parse = (given: string) => [true, false].find((choice) => String(choice) === given);
  return { type: "boolean", default: fallback, description, allowed: "one of true, false", parse };
}
