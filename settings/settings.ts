import { flag, oneOf, type Setting, text, wholeNumber } from "./setting.ts";

/** Days that CloudWatch Logs can keep log lines. */
const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/**
 * The keys of the configuration. `npm run settings` writes them to Pulumi.yaml and README: run it after a change here.
 */
export const SETTINGS = {
  stageName: text(
    "",
    /^[A-Za-z0-9_-]{0,128}$/,
    "at most 128 letters, digits, - and _",
    "name of the API's stage, part of its URL; empty for the stack's name",
  ),
  auth: oneOf(
    "cognito",
    ["cognito", "oidc"],
    "issuer of the tokens that open connections: the stack's own user pool, or an existing OIDC issuer",
  ),
  oidcIssuer: text(
    "",
    /^(https:\/\/[^\s?#]+)?$/,
    "the https URL of an OIDC issuer",
    "`iss` of the tokens, if auth is oidc",
  ),
  oidcAudience: text(
    "",
    /^\S*$/,
    "the audience that the issuer puts into its tokens",
    "`aud` of the tokens, if auth is oidc",
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
    "the id of a Route 53 hosted zone",
    "zone in which to create the domain's certificate and record",
  ),
  certificateArn: text(
    "",
    /^(arn:[a-z-]+:acm:[a-z0-9-]+:\d{12}:certificate\/[\w-]+)?$/,
    "the ARN of an ACM certificate in the stack's Region",
    "the domain's certificate, if its DNS is elsewhere",
  ),
  page: flag(true, "deploy the chat page; the local cloud serves it regardless"),
  memory: wholeNumber(512, 128, 10_240, "memory of each function in MB"),
  logRetentionDays: oneOf(30, RETENTION_DAYS, "days that log lines are kept"),
  throttleRate: wholeNumber(500, 1, 10_000, "frames per second across all connections"),
  throttleBurst: wholeNumber(1_000, 1, 5_000, "frames that may arrive in a burst"),
  userRate: wholeNumber(
    2,
    1,
    1_000,
    "messages, edits, deletions and reactions that one person may send per second, across all rooms",
  ),
  userBurst: wholeNumber(
    10,
    1,
    100_000,
    "messages, edits, deletions and reactions that one person may send in a burst",
  ),
  publishRate: wholeNumber(50, 1, 1_000, "messages that one service may publish per second; twice as many in a burst"),
  roomRate: wholeNumber(
    100,
    1,
    1_000,
    "messages, edits, deletions and reactions that people may send to one room per second",
  ),
  connectRate: wholeNumber(
    60,
    1,
    100_000,
    "connections that one person may open per minute; a burst may be as large as connectionsPerPerson",
  ),
  handshakeRate: wholeNumber(
    50,
    1,
    10_000,
    "handshakes per second across all people; further ones are refused before they slow down open connections",
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
  retentionDays: wholeNumber(
    0,
    0,
    3_650,
    "days that messages are kept, fixed for each message when it is written; 0 means forever",
  ),
  sweepMinutes: wholeNumber(5, 1, 60, "minutes between two sweeps for stale connections"),
  apiGatewayAccount: oneOf(
    "existing",
    ["existing", "create"],
    "API Gateway's log role for the account and Region: use the existing one, or create it",
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

export type Key = keyof typeof SETTINGS;
/** A value for each key. */
export type Values = { [K in Key]: (typeof SETTINGS)[K]["default"] };
