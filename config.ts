import * as pulumi from "@pulumi/pulumi";

/** Days that CloudWatch Logs can keep log lines. */
const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/** The stack's configuration, read here and nowhere else. */
export interface Config {
  /** Name of the API's stage, part of its URL. @default the name of the stack */
  stageName: string;
  /** Memory of each function in MB. @default 512 */
  memory: number;
  /** Days that log lines are kept. @default 30 */
  logRetentionDays: number;
  /** Frames a second over all connections. @default 500 */
  throttleRate: number;
  /** Frames that a burst may bring beyond that. @default 1000 */
  throttleBurst: number;
  /** Messages, edits and the like a second that one person may append, all rooms together. @default 2 */
  userRate: number;
  /** What a person may append at once after a quiet while. @default 10 */
  userBurst: number;
  /** What all together may append to one room, a second. @default 100 */
  roomRate: number;
  /** Connections that one person may open a minute; as many at once. @default 60 */
  connectRate: number;
  /** Handshakes a second over all people: a crowd that keeps knocking takes nothing from those who chat. @default 50 */
  handshakeRate: number;
  /** Connections that one person may have at once; the oldest is closed for a new one. @default 20 */
  connectionsPerPerson: number;
  /** Rooms that one connection may be in. @default 100 */
  roomsPerConnection: number;
  /** Refused frames until their connection is closed; each environment counts for itself. @default 20 */
  strikes: number;
  /**
   * Room that every connection starts in, and that frames without a room are about; empty for none. With very many
   * connections a room of all is work for nobody's use (docs/scale.md).
   * @default lobby
   */
  lobby: string;
  /**
   * Invocations that each route's function may run at once; 0 for no limit of its own. A reservation bounds what a
   * flood costs, and takes from the account's pool even while nobody chats: an account with the initial limit of 10 can reserve none.
   * @default 0
   */
  reservedConcurrency: number;
  /** Days that messages are kept; 0 for ever. What is written holds to the setting of its time. @default 0 */
  retentionDays: number;
  /** Minutes between two looks for connections whose end nobody has told. @default 5 */
  sweepMinutes: number;
  /** Whether API Gateway's log role for the account and Region is there already. @default existing */
  apiGatewayAccount: "existing" | "create";
  /** Whose tokens open connections: a user pool of the stack's own, or an OIDC issuer that exists. @default cognito */
  auth: "cognito" | "oidc";
  /** `iss` and `aud` of the tokens, with `auth: oidc`; locally those of the local issuer. */
  oidc: { issuer: string; audience: string } | undefined;
  /** Origins of the pages that may connect; programs other than browsers send none. @default none */
  origins: string[];
  /** Put the chat page on the web; the local cloud serves it itself. @default true, but not locally */
  page: boolean;
  /** Keep tables, people and logs from being deleted. @default false */
  protectData: boolean;
  /** ARN of the permissions boundary of every role. @default none */
  permissionsBoundary: string | undefined;
}

/**
 * Reads and checks the configuration.
 *
 * @throws pulumi.RunError naming the key, its value and what is allowed
 */
export function readConfig(): Config {
  const auth = oneOf("auth", "cognito", ["cognito", "oidc"]);
  const config: Config = {
    auth,
    oidc: readOidc(auth),
    origins: readOrigins(),
    page: readPage(),
    stageName: text("stageName", pulumi.getStack(), /^[A-Za-z0-9_-]{1,128}$/, "letters, digits, - and _, 128 at most"),
    memory: wholeNumber("memory", 512, 128, 10_240),
    logRetentionDays: oneOf("logRetentionDays", 30, RETENTION_DAYS),
    throttleRate: wholeNumber("throttleRate", 500, 1, 10_000),
    throttleBurst: wholeNumber("throttleBurst", 1_000, 1, 5_000),
    userRate: wholeNumber("userRate", 2, 1, 1_000),
    userBurst: wholeNumber("userBurst", 10, 1, 100_000),
    roomRate: wholeNumber("roomRate", 100, 1, 1_000),
    connectRate: wholeNumber("connectRate", 60, 1, 100_000),
    handshakeRate: wholeNumber("handshakeRate", 50, 1, 10_000),
    connectionsPerPerson: wholeNumber("connectionsPerPerson", 20, 1, 1_000),
    roomsPerConnection: wholeNumber("roomsPerConnection", 100, 1, 1_000),
    strikes: wholeNumber("strikes", 20, 1, 1_000_000),
    lobby: text("lobby", "lobby", /^[^\p{Cc}]{0,64}$/u, "a room's name of up to 64 characters, or nothing"),
    reservedConcurrency: wholeNumber("reservedConcurrency", 0, 0, 1_000),
    retentionDays: wholeNumber("retentionDays", 0, 0, 3_650),
    sweepMinutes: wholeNumber("sweepMinutes", 5, 1, 60),
    apiGatewayAccount: oneOf("apiGatewayAccount", "existing", ["existing", "create"]),
    protectData: oneOf("protectData", "false", ["true", "false"]) === "true",
    permissionsBoundary: text(
      "permissionsBoundary",
      undefined,
      /^arn:[a-z-]+:iam::(\d{12}|aws):policy\/.+$/,
      "the ARN of a managed policy",
    ),
  };
  refuseUnknownKeys();
  return config;
}

/** The keys that were asked for. */
const known = new Set<string>();

/** A misspelled key would be a setting that nobody hears. */
function refuseUnknownKeys(): void {
  const prefix = `${pulumi.getProject()}:`;
  for (const full of Object.keys(pulumi.runtime.allConfig())) {
    const key = full.slice(prefix.length);
    if (!full.startsWith(prefix) || known.has(key)) continue;
    const nearest = [...known].sort((a, b) => distance(key, a) - distance(key, b))[0];
    throw new pulumi.RunError(`there is no configuration key "${full}": did you mean "${prefix}${nearest}"?`);
  }
}

/** Insertions, deletions and replacements of a character that lead from one word to another (Levenshtein). */
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

/** The local cloud says by these keys where its issuer is; on AWS nothing listens on loopback. */
const LOCAL = /^http:\/\/127\.0\.0\.1:\d+$/;

function readOidc(auth: Config["auth"]): Config["oidc"] {
  for (const key of ["oidcIssuer", "oidcAudience"]) known.add(key);
  const local = new pulumi.Config("local");
  if (isLocal()) return { issuer: local.require("issuer"), audience: local.require("audience") };
  if (auth === "cognito") return undefined;
  return {
    issuer: required("oidcIssuer", /^https:\/\/[^\s?#]+$/, "the https URL of an OIDC issuer"),
    audience: required("oidcAudience", /^\S+$/, "the audience that the issuer puts into its tokens"),
  };
}

function readPage(): boolean {
  const isWanted = oneOf("page", "true", ["true", "false"]) === "true";
  return isWanted && !isLocal();
}

function isLocal(): boolean {
  return LOCAL.test(new pulumi.Config("local").get("issuer") ?? "");
}

function readOrigins(): string[] {
  const localPage = new pulumi.Config("local").get("page");
  const given = read("origins") ?? "";
  const origins = given
    .split(",")
    .map((origin) => origin.trim())
    .filter(Boolean);
  for (const origin of origins) {
    if (!URL.canParse(origin) || new URL(origin).origin !== origin) {
      refuse("origins", given, "a list of origins such as https://chat.example.com, with commas between them");
    }
  }
  return localPage === undefined || !LOCAL.test(localPage) ? origins : [...origins, localPage];
}

function required(key: string, pattern: RegExp, allowed: string): string {
  return text(key, undefined, pattern, allowed) ?? refuse(key, "", allowed);
}

function text<Default extends string | undefined>(
  key: string,
  fallback: Default,
  pattern: RegExp,
  allowed: string,
): string | Default {
  const value = read(key);
  if (value === undefined) return fallback;
  return pattern.test(value) ? value : refuse(key, value, allowed);
}

function wholeNumber(key: string, fallback: number, least: number, most: number): number {
  const value = read(key);
  if (value === undefined) return fallback;
  const number = Number(value);
  if (/^\d+$/.test(value) && number >= least && number <= most) return number;
  return refuse(key, value, `a whole number from ${least} to ${most}`);
}

function oneOf<Choice extends string | number>(key: string, fallback: Choice, choices: readonly Choice[]): Choice {
  const value = read(key);
  if (value === undefined) return fallback;
  return choices.find((choice) => String(choice) === value) ?? refuse(key, value, `one of ${choices.join(", ")}`);
}

function read(key: string): string | undefined {
  known.add(key);
  return new pulumi.Config().get(key);
}

function refuse(key: string, value: string, allowed: string): never {
  const full = `${pulumi.getProject()}:${key}`;
  throw new pulumi.RunError(
    `the configuration key "${full}" is "${value}"; allowed is ${allowed}. Set it in Pulumi.${pulumi.getStack()}.yaml`,
  );
}
