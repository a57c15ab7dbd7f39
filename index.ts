import { CallbackFunction } from "./components/CallbackFunction";
import { Queue } from "./components/Queue";
import { Schedule } from "./components/Schedule";
import { setting } from "./components/setting";
import { readSettings } from "./components/settings";
import { Table } from "./components/Table";
import { UserPool } from "./components/UserPool";
import { type Connections, type Routes, WebSocketApi } from "./components/WebSocketApi";

const settings = readSettings();
const functionDefaults = {
  memory: settings.memory,
  logRetentionDays: settings.logRetentionDays,
  retainLogs: settings.protectData,
  permissionsBoundary: settings.permissionsBoundary,
};

/** How often people may do things; a room takes two seconds' worth at once. */
const rates = setting(
  JSON.stringify({
    appends: { perSecond: settings.userRate, burst: settings.userBurst },
    frames: { perSecond: 10 * settings.userRate, burst: 10 * settings.userBurst },
    connects: { perSecond: settings.connectRate / 60, burst: settings.connectRate },
    room: { perSecond: settings.roomRate, burst: 2 * settings.roomRate },
    badFrames: settings.badFrames,
  } satisfies import("./chat/limits/rates.js").Rates),
);
const retentionDays = setting(String(settings.retentionDays));
const sweepMinutes = setting(String(settings.sweepMinutes));

// ── Tables ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Who is connected, and to which rooms: gone when the connection is. And how far everyone has read, which stays. */
const connections = new Table("connections", {
  hashKey: "pk",
  rangeKey: { name: "sk", type: "S" },
  ttlAttribute: "expiresAt",
  protect: settings.protectData,
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

/** What could not be brought to a range of a large room's members. */
const lostPosts = new Queue("lost-posts");

const api = new WebSocketApi("chat", {
  stageName: settings.stageName,
  throttle: { rate: settings.throttleRate, burst: settings.throttleBurst },
  logRetentionDays: settings.logRetentionDays,
  apiGatewayAccount: settings.apiGatewayAccount,
  permissionsBoundary: settings.permissionsBoundary,
  authorizer: { target: authorizer, identitySources: ["route.request.header.Sec-WebSocket-Protocol"] },
  routes,
});

function routes(clients: Connections): Routes {
  const fanOut = new CallbackFunction<import("./handlers/fanOut.js").Uses>("fanOut", {
    ...functionDefaults,
    timeout: 60,
    // A push that comes later than this is no news: its readers have found the entry in the log.
    asynchronous: { deadLetters: lostPosts, maxAgeSeconds: 300 },
    callback: async (event) => {
      const { fanOut } = await import("./handlers/fanOut.js");
      return fanOut(event);
    },
    uses: {
      CONNECTIONS_TABLE: connections.grant("Query", "BatchWriteItem"),
      MESSAGES_TABLE: messages.grant("Query"),
      CONNECTIONS_URL: clients.grant("POST"),
    },
  });
  const sweeper = new CallbackFunction<import("./handlers/sweep.js").Uses>("sweep", {
    ...functionDefaults,
    timeout: 300,
    callback: async (event) => {
      const { sweep } = await import("./handlers/sweep.js");
      return sweep(event);
    },
    uses: {
      CONNECTIONS_TABLE: connections.grant("GetItem", "BatchGetItem", "PutItem", "Query", "BatchWriteItem"),
      CONNECTIONS_URL: clients.grant("GET", "POST", "DELETE"),
      SWEEP_MINUTES: sweepMinutes,
    },
  });
  new Schedule("sweep", { everyMinutes: settings.sweepMinutes, target: sweeper });
  /** For operators (`npm run admin`): no route leads to it, and nothing here may invoke it. */
  new CallbackFunction<import("./handlers/admin.js").Uses>("admin", {
    ...functionDefaults,
    timeout: 60,
    callback: async (event) => {
      const { admin } = await import("./handlers/admin.js");
      return admin(event);
    },
    uses: {
      CONNECTIONS_TABLE: connections.grant("Scan", "Query", "PutItem", "BatchWriteItem"),
      MESSAGES_TABLE: messages.grant("Scan", "UpdateItem"),
      CONNECTIONS_URL: clients.grant("POST", "DELETE"),
    },
  });
  /** Every route may close a connection that sends what is no request. */
  const message = { CONNECTIONS_URL: clients.grant("DELETE"), RATES: rates };
  const posting = { CONNECTIONS_URL: clients.grant("POST", "DELETE"), RATES: rates };
  /** What a function uses that appends to a room's log. */
  const appending = {
    ...posting,
    CONNECTIONS_TABLE: connections.grant("GetItem", "Query", "UpdateItem", "BatchWriteItem"),
    MESSAGES_TABLE: messages.grant("GetItem", "UpdateItem", "PutItem"),
    RETENTION_DAYS: retentionDays,
    FAN_OUT: fanOut.grant("InvokeFunction"),
  };
  return {
    $connect: new CallbackFunction<import("./handlers/connect.js").Uses>("connect", {
      ...functionDefaults,
      callback: async (event) => {
        const { connect } = await import("./handlers/connect.js");
        return connect(event);
      },
      uses: {
        CONNECTIONS_TABLE: connections.grant("BatchGetItem", "BatchWriteItem", "PutItem", "Query", "UpdateItem"),
        RATES: rates,
        SWEEP_MINUTES: sweepMinutes,
      },
    }),
    $disconnect: new CallbackFunction<import("./handlers/disconnect.js").Uses>("disconnect", {
      ...functionDefaults,
      callback: async (event) => {
        const { disconnect } = await import("./handlers/disconnect.js");
        return disconnect(event);
      },
      uses: { CONNECTIONS_TABLE: connections.grant("Query", "BatchWriteItem"), CONNECTIONS_URL: clients.grant("POST") },
    }),
    hello: new CallbackFunction<import("./handlers/hello.js").Uses>("hello", {
      ...functionDefaults,
      callback: async (event) => {
        const { hello } = await import("./handlers/hello.js");
        return hello(event);
      },
      uses: {
        ...posting,
        CONNECTIONS_TABLE: connections.grant("GetItem", "BatchGetItem", "Query", "PutItem", "BatchWriteItem"),
        MESSAGES_TABLE: messages.grant("BatchGetItem"),
      },
    }),
    joinRoom: new CallbackFunction<import("./handlers/joinRoom.js").Uses>("joinRoom", {
      ...functionDefaults,
      callback: async (event) => {
        const { joinRoom } = await import("./handlers/joinRoom.js");
        return joinRoom(event);
      },
      uses: {
        ...posting,
        CONNECTIONS_TABLE: connections.grant(
          "GetItem",
          "BatchGetItem",
          "Query",
          "PutItem",
          "BatchWriteItem",
          "UpdateItem",
        ),
        MESSAGES_TABLE: messages.grant("GetItem", "Query", "PutItem"),
        RETENTION_DAYS: retentionDays,
      },
    }),
    leaveRoom: new CallbackFunction<import("./handlers/leaveRoom.js").Uses>("leaveRoom", {
      ...functionDefaults,
      callback: async (event) => {
        const { leaveRoom } = await import("./handlers/leaveRoom.js");
        return leaveRoom(event);
      },
      uses: {
        ...posting,
        CONNECTIONS_TABLE: connections.grant("GetItem", "Query", "BatchWriteItem", "DeleteItem"),
      },
    }),
    sendMessage: new CallbackFunction<import("./handlers/sendMessage.js").Uses>("sendMessage", {
      ...functionDefaults,
      timeout: 29,
      callback: async (event) => {
        const { sendMessage } = await import("./handlers/sendMessage.js");
        return sendMessage(event);
      },
      uses: appending,
    }),
    editMessage: new CallbackFunction<import("./handlers/editMessage.js").Uses>("editMessage", {
      ...functionDefaults,
      timeout: 29,
      callback: async (event) => {
        const { editMessage } = await import("./handlers/editMessage.js");
        return editMessage(event);
      },
      uses: appending,
    }),
    deleteMessage: new CallbackFunction<import("./handlers/deleteMessage.js").Uses>("deleteMessage", {
      ...functionDefaults,
      timeout: 29,
      callback: async (event) => {
        const { deleteMessage } = await import("./handlers/deleteMessage.js");
        return deleteMessage(event);
      },
      uses: appending,
    }),
    react: new CallbackFunction<import("./handlers/react.js").Uses>("react", {
      ...functionDefaults,
      timeout: 29,
      callback: async (event) => {
        const { react } = await import("./handlers/react.js");
        return react(event);
      },
      uses: appending,
    }),
    getHistory: new CallbackFunction<import("./handlers/getHistory.js").Uses>("getHistory", {
      ...functionDefaults,
      callback: async (event) => {
        const { getHistory } = await import("./handlers/getHistory.js");
        return getHistory(event);
      },
      uses: {
        ...message,
        CONNECTIONS_TABLE: connections.grant("GetItem"),
        MESSAGES_TABLE: messages.grant("GetItem", "Query", "PutItem"),
        RETENTION_DAYS: retentionDays,
      },
    }),
    setTyping: new CallbackFunction<import("./handlers/setTyping.js").Uses>("setTyping", {
      ...functionDefaults,
      callback: async (event) => {
        const { setTyping } = await import("./handlers/setTyping.js");
        return setTyping(event);
      },
      uses: {
        ...posting,
        CONNECTIONS_TABLE: connections.grant("GetItem", "Query", "BatchWriteItem"),
      },
    }),
    markRead: new CallbackFunction<import("./handlers/markRead.js").Uses>("markRead", {
      ...functionDefaults,
      callback: async (event) => {
        const { markRead } = await import("./handlers/markRead.js");
        return markRead(event);
      },
      uses: {
        ...posting,
        CONNECTIONS_TABLE: connections.grant("GetItem", "Query", "BatchWriteItem", "UpdateItem"),
        MESSAGES_TABLE: messages.grant("GetItem"),
      },
    }),
    listRooms: new CallbackFunction<import("./handlers/listRooms.js").Uses>("listRooms", {
      ...functionDefaults,
      callback: async (event) => {
        const { listRooms } = await import("./handlers/listRooms.js");
        return listRooms(event);
      },
      uses: {
        ...message,
        CONNECTIONS_TABLE: connections.grant("GetItem", "Query"),
        MESSAGES_TABLE: messages.grant("BatchGetItem"),
      },
    }),
    listMembers: new CallbackFunction<import("./handlers/listMembers.js").Uses>("listMembers", {
      ...functionDefaults,
      callback: async (event) => {
        const { listMembers } = await import("./handlers/listMembers.js");
        return listMembers(event);
      },
      uses: { ...message, CONNECTIONS_TABLE: connections.grant("GetItem", "Query") },
    }),
    ping: new CallbackFunction<import("./handlers/ping.js").Uses>("ping", {
      ...functionDefaults,
      callback: async (event) => {
        const { ping } = await import("./handlers/ping.js");
        return ping(event);
      },
      uses: {
        ...message,
        CONNECTIONS_TABLE: connections.grant("GetItem"),
        MESSAGES_TABLE: messages.grant("BatchGetItem"),
      },
    }),
    refreshToken: new CallbackFunction<import("./handlers/refreshToken.js").Uses>("refreshToken", {
      ...functionDefaults,
      callback: async (event) => {
        const { refreshToken } = await import("./handlers/refreshToken.js");
        return refreshToken(event);
      },
      uses: {
        ...message,
        CONNECTIONS_TABLE: connections.grant("Query", "UpdateItem"),
        ISSUER: issuer,
        AUDIENCE: audience,
      },
    }),
    invite: new CallbackFunction<import("./handlers/invite.js").Uses>("invite", {
      ...functionDefaults,
      callback: async (event) => {
        const { invite } = await import("./handlers/invite.js");
        return invite(event);
      },
      uses: { ...message, CONNECTIONS_TABLE: connections.grant("GetItem", "PutItem") },
    }),
    ban: new CallbackFunction<import("./handlers/ban.js").Uses>("ban", {
      ...functionDefaults,
      callback: async (event) => {
        const { ban } = await import("./handlers/ban.js");
        return ban(event);
      },
      uses: { ...posting, CONNECTIONS_TABLE: connections.grant("GetItem", "PutItem", "Query", "BatchWriteItem") },
    }),
    $default: new CallbackFunction<import("./handlers/unknownAction.js").Uses>("unknownAction", {
      ...functionDefaults,
      callback: async (event) => {
        const { unknownAction } = await import("./handlers/unknownAction.js");
        return unknownAction(event);
      },
      uses: message,
    }),
  };
}

/** Where clients connect. */
export const webSocketUrl = api.url;
/** What a page needs to sign people in; without a user pool of its own the stack has none. */
export const userPoolClientId = users?.clientId;
export const signInUrl = users?.signInUrl;
