/**
 * Hands out an administrator's keys to anyone on this machine. The server listens on loopback, and no page of another
 * origin can read the answer.
 */
import type { RequestListener } from "node:http";
import { parsePolicy } from "@serverless-chat/iam";
import type { Access } from "../access.ts";
import type { Role } from "./role.ts";
import type { Credentials } from "./sessions.ts";

export const OPERATOR_PATH = "/.well-known/operator";

/** Everything that a caller needs to act as the operator. */
export interface Operator {
  /** URL of the AWS endpoint. */
  endpoint: string;
  region: string;
  credentials: Credentials;
  /** Names of all functions. */
  functions: string[];
}

interface Place {
  access: Access;
  accountId: string;
  endpointUrl: string;
  region: string;
  functions: ReadonlyMap<string, unknown>;
}

export function answerOperator(place: Place): RequestListener {
  return ({ method }, response) => {
    if (method !== "POST") return void response.writeHead(405).end();
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(operatorOf(place)));
  };
}

export function operatorOf(place: Place): Operator {
  return {
    endpoint: place.endpointUrl,
    region: place.region,
    credentials: place.access.sessions.credentialsOf({ role: roleIn(place.accountId), session: "operator" }),
    functions: [...place.functions.keys()],
  };
}

/** Environment variables that make the AWS CLI and every SDK act as the operator. */
export function operatorVariables(place: Place): Record<string, string> {
  const { endpoint, region, credentials } = operatorOf(place);
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_SESSION_TOKEN: credentials.sessionToken,
  };
}

function roleIn(accountId: string): Role {
  const everything = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] };
  return {
    arn: `arn:aws:iam::${accountId}:role/operator`,
    name: "operator",
    // Nobody assumes this role: its keys are handed out directly.
    trust: { version: "2012-10-17", statements: [] },
    policies: new Map([["everything", parsePolicy(everything)]]),
  };
}
