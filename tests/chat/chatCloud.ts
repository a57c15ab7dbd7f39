/**
 * The local cloud in this process, with the chat's tables and an API without functions, to test the domain alone.
 */
import { parsePolicy } from "@serverless-chat/iam";
import { Cloud } from "../../local/cloud.ts";
import type { Role } from "../../local/identity/role.ts";

export const CONNECTIONS = "test-connections";
export const MESSAGES = "test-messages";

export interface ChatCloud {
  cloud: Cloud;
  /** The stage's WebSocket address, which accepts everyone. */
  webSocketUrl: string;
  /** The stage's `@connections` endpoint. */
  connectionsUrl: string;
  /** Resolves with the id of the next connection. */
  nextConnection(): Promise<string>;
  stop(): Promise<void>;
}

/** Starts the cloud and points this process's SDK to it. Import modules with SDK clients only afterward. */
export async function startChatCloud(): Promise<ChatCloud> {
  const waiting: ((connectionId: string) => void)[] = [];
  const cloud = await Cloud.start({
    region: "eu-central-1",
    programFolder: ".",
    port: 0,
    report: (report) => {
      if (report.event === "connected") for (const resolve of waiting.splice(0)) resolve(report.connectionId);
    },
    lifetimes: { idleMs: 600_000, lifetimeMs: 7_200_000 },
  });
  for (const [TableName, sortKeyType] of [
    [CONNECTIONS, "S"],
    [MESSAGES, "N"],
  ] as const) {
    await cloud.store.createTable({
      TableName,
      KeySchema: [
        { AttributeName: "pk", KeyType: "HASH" },
        { AttributeName: "sk", KeyType: "RANGE" },
      ],
      AttributeDefinitions: [
        { AttributeName: "pk", AttributeType: "S" },
        { AttributeName: "sk", AttributeType: sortKeyType },
      ],
    });
  }
  const host = await cloud.hostOf("testapi");
  const draft = cloud.draft();
  const api = draft.addApi("testapi", "test", "$request.body.action");
  api.stages.set("dev", { name: "dev", deployed: api.snapshot(), variables: {}, routeThrottles: new Map() });
  await cloud.apply(draft);
  const allow = { Effect: "Allow", Action: ["dynamodb:*", "execute-api:*"], Resource: "*" };
  const role: Role = {
    arn: `arn:aws:iam::${cloud.accountId}:role/test`,
    name: "test",
    trust: { version: "2012-10-17", statements: [] },
    policies: new Map([["all", parsePolicy({ Version: "2012-10-17", Statement: allow })]]),
  };
  // The credentials are valid for a year, because tests move the clock.
  const credentials = cloud.access.sessions.credentialsOf({ role, session: "test" }, 365 * 86_400_000);
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  Object.assign(process.env, {
    AWS_REGION: cloud.region,
    AWS_ENDPOINT_URL: cloud.endpointUrl,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  });
  return {
    cloud,
    webSocketUrl: `ws://${host}/dev`,
    connectionsUrl: `http://${host}/dev`,
    nextConnection: () => new Promise((resolve) => waiting.push(resolve)),
    stop: () => cloud.stop(),
  };
}
