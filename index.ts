import { CallbackFunction } from "./components/CallbackFunction";
import { setting } from "./components/setting";
import { readSettings } from "./components/settings";
import { Table } from "./components/Table";
import { UserPool } from "./components/UserPool";
import { WebSocketApi } from "./components/WebSocketApi";

const settings = readSettings();
const functionDefaults = {
  memory: settings.memory,
  logRetentionDays: settings.logRetentionDays,
  retainLogs: settings.protectData,
  permissionsBoundary: settings.permissionsBoundary,
};

// ── Tables ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Who is connected, and to which rooms: gone when the connection is. */
const connections = new Table("connections", {
  hashKey: "pk",
  rangeKey: { name: "sk", type: "S" },
  ttlAttribute: "expiresAt",
});

/** The rooms' logs: what an ack has promised is here. */
const messages = new Table("messages", {
  hashKey: "pk",
  rangeKey: { name: "sk", type: "N" },
  ttlAttribute: "expiresAt",
  protect: settings.protectData,
});

// ── Who is speaking ─────────────────────────────────────────────────────────────────────────────────────────────────

const users =
  settings.auth === "cognito"
    ? new UserPool("users", { origins: settings.origins, protect: settings.protectData })
    : undefined;
const issuer = setting(settings.oidc?.issuer ?? users?.issuer ?? "");
const audience = setting(settings.oidc?.audience ?? users?.clientId ?? "");

const authorizer = new CallbackFunction<import("./handlers/authorize.js").Uses>("authorizer", {
  ...functionDefaults,
  callback: async (event) => {
    const { authorize } = await import("./handlers/authorize.js");
    return authorize(event);
  },
  uses: { ISSUER: issuer, AUDIENCE: audience, ORIGINS: setting(JSON.stringify(settings.origins)) },
});

// ── The API: each route and the function that answers it ────────────────────────────────────────────────────────────

const api = new WebSocketApi("chat", {
  stageName: settings.stageName,
  throttle: { rate: settings.throttleRate, burst: settings.throttleBurst },
  logRetentionDays: settings.logRetentionDays,
  apiGatewayAccount: settings.apiGatewayAccount,
  authorizer: { target: authorizer, identitySources: ["route.request.header.Sec-WebSocket-Protocol"] },
  routes: (clients) => ({
    $connect: new CallbackFunction<import("./handlers/connect.js").Uses>("connect", {
      ...functionDefaults,
      callback: async (event) => {
        const { connect } = await import("./handlers/connect.js");
        return connect(event);
      },
      uses: { CONNECTIONS_TABLE: connections.grant("BatchWriteItem") },
    }),
    $disconnect: new CallbackFunction<import("./handlers/disconnect.js").Uses>("disconnect", {
      ...functionDefaults,
      callback: async (event) => {
        const { disconnect } = await import("./handlers/disconnect.js");
        return disconnect(event);
      },
      uses: { CONNECTIONS_TABLE: connections.grant("Query", "BatchWriteItem") },
    }),
    sendMessage: new CallbackFunction<import("./handlers/sendMessage.js").Uses>("sendMessage", {
      ...functionDefaults,
      timeout: 29,
      callback: async (event) => {
        const { sendMessage } = await import("./handlers/sendMessage.js");
        return sendMessage(event);
      },
      uses: {
        CONNECTIONS_TABLE: connections.grant("GetItem", "Query", "BatchWriteItem"),
        MESSAGES_TABLE: messages.grant("UpdateItem", "PutItem"),
        CONNECTIONS_URL: clients.grant("POST"),
      },
    }),
    ping: new CallbackFunction<import("./handlers/ping.js").Uses>("ping", {
      ...functionDefaults,
      callback: async (event) => {
        const { ping } = await import("./handlers/ping.js");
        return ping(event);
      },
      uses: { CONNECTIONS_TABLE: connections.grant("GetItem") },
    }),
    refreshToken: new CallbackFunction<import("./handlers/refreshToken.js").Uses>("refreshToken", {
      ...functionDefaults,
      callback: async (event) => {
        const { refreshToken } = await import("./handlers/refreshToken.js");
        return refreshToken(event);
      },
      uses: { CONNECTIONS_TABLE: connections.grant("Query", "UpdateItem"), ISSUER: issuer, AUDIENCE: audience },
    }),
    $default: new CallbackFunction<import("./handlers/unknownAction.js").Uses>("unknownAction", {
      ...functionDefaults,
      callback: async (event) => {
        const { unknownAction } = await import("./handlers/unknownAction.js");
        return unknownAction(event);
      },
      uses: {},
    }),
  }),
});

/** Where clients connect. */
export const webSocketUrl = api.url;
/** What a page needs to sign people in; without a user pool of its own the stack has none. */
export const userPoolClientId = users?.clientId;
export const signInUrl = users?.signInUrl;
