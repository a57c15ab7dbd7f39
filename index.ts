/**
 * The stack: every resource, every callback and every grant. It is one file on purpose: a reviewer sees in one
 * place what each function may do.
 */
import * as pulumi from "@pulumi/pulumi";
import { AuditTrail } from "./components/AuditTrail";
import { type Callback, CallbackFunction, type CallbackFunctionArgs, grantInvoke } from "./components/CallbackFunction";
import { CustomDomain } from "./components/CustomDomain";
import type { GrantsFor } from "./components/grant";
import { resourceName } from "./components/names";
import { Queue } from "./components/Queue";
import { Schedule } from "./components/Schedule";
import { StaticSite } from "./components/StaticSite";
import { setting } from "./components/setting";
import { Table } from "./components/Table";
import { UserPool } from "./components/UserPool";
import { type Connections, WebSocketApi } from "./components/WebSocketApi";
import type { Routes } from "./components/webSocketRoute";
import { readConfig } from "./config";
import { buildPage, contentSecurityPolicy } from "./page";

const config = readConfig();

/**
 * Makes a function of the chat. Its grants are exactly those of its handler's `Uses`: a missing or an extra one doesn't
 * compile, whether the grants are written out or spread from a shared object.
 *
 * @example chatFunction<import("./handlers/ping.js").Uses>()("ping", { callback: …, uses: … })
 */
function chatFunction<Uses>() {
  return <Given extends GrantsFor<Uses>>(
    name: string,
    args: Omit<CallbackFunctionArgs<Uses>, "uses" | "callback"> & {
      callback: Callback;
      uses: Given & Record<Exclude<keyof Given, keyof Uses>, never>;
    },
  ) =>
    new CallbackFunction<Uses>(name, {
      memory: config.memory,
      logRetentionDays: config.logRetentionDays,
      retainLogs: config.protectData,
      permissionsBoundary: config.permissionsBoundary,
      reservedConcurrency: config.reservedConcurrency === 0 ? undefined : config.reservedConcurrency,
      ...args,
    });
}

/**
 * A room's burst is two seconds' worth of its rate. A person opens no more connections at once than may be open, because
 * each one beyond that would only close another.
 */
const limits = setting(
  JSON.stringify({
    appends: { perSecond: config.userRate, burst: config.userBurst },
    frames: { perSecond: 10 * config.userRate, burst: 20 * config.userBurst },
    connects: { perSecond: config.connectRate / 60, burst: Math.min(config.connectRate, config.connectionsPerPerson) },
    room: { perSecond: config.roomRate, burst: 2 * config.roomRate },
    strikes: config.strikes,
    connectionsPerPerson: config.connectionsPerPerson,
    roomsPerConnection: config.roomsPerConnection,
  } satisfies import("./chat/limits/limits.js").Limits),
);
const lobby = setting(config.lobby);
const retentionDays = setting(String(config.retentionDays));
const sweepMinutes = setting(String(config.sweepMinutes));

// ── Tables ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Connections and their memberships, which are deleted with the connection, and read markers, which stay. */
const connections = new Table("connections", {
  hashKey: "pk",
  rangeKey: { name: "sk", type: "S" },
  ttlAttribute: "expiresAt",
  protect: config.protectData,
});

/** The rooms' logs, which hold every acknowledged entry. */
const messages = new Table("messages", {
  hashKey: "pk",
  rangeKey: { name: "sk", type: "N" },
  ttlAttribute: "expiresAt",
  protect: config.protectData,
});

if (config.auditTrail) {
  new AuditTrail("audit", { tables: [connections, messages], protect: config.protectData });
}

// ── The API, the page that may connect to it, and who is speaking ───────────────────────────────────────────────────

const api = new WebSocketApi("chat", {
  stageName: config.stageName,
  throttle: { rate: config.throttleRate, burst: config.throttleBurst },
  routeThrottles: { $connect: { rate: config.handshakeRate, burst: 2 * config.handshakeRate } },
  logRetentionDays: config.logRetentionDays,
  apiGatewayAccount: config.apiGatewayAccount,
  permissionsBoundary: config.permissionsBoundary,
});

const users = config.auth === "cognito" ? new UserPool("users", { protect: config.protectData }) : undefined;
const issuerUrl = config.oidc?.issuer ?? users?.issuer ?? "";

const domain =
  config.domain &&
  new CustomDomain("domain", {
    domainName: config.domain.name,
    ...("zone" in config.domain ? { zoneId: config.domain.zone } : { certificateArn: config.domain.certificateArn }),
  });

/**
 * URLs that the page connects to. The WebSocket URL is the API's, not the stage's, because the stage depends on the
 * page: it needs the authorizer, which has to know the page's origin.
 */
const pageTalksTo = pulumi.all([
  config.domain === undefined ? api.endpoint : `wss://${config.domain.name}`,
  issuerUrl,
  ...(users === undefined ? [] : [users.signInUrl]),
]);
const page = config.page
  ? new StaticSite("page", { contentSecurityPolicy: pageTalksTo.apply(contentSecurityPolicy) })
  : undefined;
const origins = page === undefined ? config.origins : [...config.origins, page.url];

const clientId = users?.createClient({ origins });
const issuer = setting(issuerUrl);
const audience = setting(config.oidc?.audience ?? clientId ?? "");

const authorizer = chatFunction<import("./handlers/authorize.js").Uses>()("authorizer", {
  callback: async (event) => {
    const { authorize } = await import("./handlers/authorize.js");
    return authorize(event);
  },
  uses: { ISSUER: issuer, AUDIENCE: audience, ORIGINS: setting(pulumi.jsonStringify(origins)) },
});

// ── Each route and the function that answers it ─────────────────────────────────────────────────────────────────────

/** Events that `fanOut` couldn't handle: ranges of a large room's members, and rounds that were handed over. */
const lostPosts = new Queue("lost-posts");

const url = api.deploy({
  authorizer: { target: authorizer, identitySources: ["route.request.header.Sec-WebSocket-Protocol"] },
  routes: routes(api),
  domain,
});
page?.upload(buildPage(__dirname).then(({ files }) => files));
/** The content of `/config.json`, which describes the stack to the page: all stacks share one build of the page. */
const pageConfig = pulumi.jsonStringify({
  webSocketUrl: url,
  signIn: { issuer: issuerUrl, clientId: audience.value },
});
page?.upload(new Map([["/config.json", { body: pageConfig, contentType: "application/json", isImmutable: false }]]));

function routes(clients: Connections): Routes {
  const fanOut = chatFunction<import("./handlers/fanOut.js").Uses>()("fanOut", {
    timeout: 60,
    // A later push would be useless: readers ping every two minutes, and will have learned of the entry that way.
    asynchronous: { deadLetters: lostPosts, maxAgeSeconds: 300 },
    callback: async (event) => {
      const { fanOut } = await import("./handlers/fanOut.js");
      return fanOut(event);
    },
    // The function hands over to itself as long as a room stays busy.
    mayInvokeItself: true,
    uses: {
      CONNECTIONS_TABLE: connections.grant("Query", "BatchWriteItem"),
      MESSAGES_TABLE: messages.grant("GetItem", "Query", "UpdateItem", "PutItem"),
      CONNECTIONS_URL: clients.grant("POST"),
      RETENTION_DAYS: retentionDays,
      FAN_OUT: grantInvoke(resourceName("fanOut")),
    },
  });
  /** Announces departures. This function mostly waits, which is billed by memory, so it has the minimum. */
  const departures = chatFunction<import("./handlers/departures.js").Uses>()("departures", {
    memory: 128,
    timeout: 60,
    callback: async (event) => {
      const { departures } = await import("./handlers/departures.js");
      return departures(event);
    },
    uses: {
      CONNECTIONS_TABLE: connections.grant("GetItem", "Query", "BatchWriteItem"),
      CONNECTIONS_URL: clients.grant("POST"),
    },
  });
  const sweeper = chatFunction<import("./handlers/sweep.js").Uses>()("sweep", {
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
  new Schedule("sweep", { everyMinutes: config.sweepMinutes, target: sweeper });
  /** This function has no route, and nothing in this program may invoke it: operators do, with `npm run admin`. */
  chatFunction<import("./handlers/admin.js").Uses>()("admin", {
    timeout: 60,
    callback: async (event) => {
      const { admin } = await import("./handlers/admin.js");
      return admin(event);
    },
    uses: {
      CONNECTIONS_TABLE: connections.grant("Scan", "GetItem", "Query", "PutItem", "BatchWriteItem"),
      MESSAGES_TABLE: messages.grant("Scan", "UpdateItem"),
      CONNECTIONS_URL: clients.grant("POST", "DELETE"),
    },
  });
  /** This function has no route: backends invoke it directly, if IAM allows them to (see the outputs). */
  chatFunction<import("./handlers/publish.js").Uses>()("publish", {
    timeout: 60,
    callback: async (event) => {
      const { publish } = await import("./handlers/publish.js");
      return publish(event);
    },
    uses: {
      CONNECTIONS_TABLE: connections.grant("Query", "BatchWriteItem", "UpdateItem"),
      MESSAGES_TABLE: messages.grant("GetItem", "Query", "UpdateItem", "PutItem"),
      CONNECTIONS_URL: clients.grant("POST"),
      FAN_OUT: fanOut.grant("InvokeFunction"),
      RETENTION_DAYS: retentionDays,
      PUBLISH_RATE: setting(JSON.stringify({ perSecond: config.publishRate, burst: 2 * config.publishRate })),
    },
  });
  /** The `uses` of every route that receives frames: each refuses floods and closes the connections that send them. */
  const message = { CONNECTIONS_URL: clients.grant("POST", "DELETE"), LIMITS: limits, LOBBY: lobby };
  const appending = {
    ...message,
    CONNECTIONS_TABLE: connections.grant("GetItem", "UpdateItem", "Query", "BatchWriteItem"),
    MESSAGES_TABLE: messages.grant("GetItem", "Query", "UpdateItem", "PutItem"),
    RETENTION_DAYS: retentionDays,
    FAN_OUT: fanOut.grant("InvokeFunction"),
  };
  return {
    $connect: chatFunction<import("./handlers/connect.js").Uses>()("connect", {
      callback: async (event) => {
        const { connect } = await import("./handlers/connect.js");
        return connect(event);
      },
      uses: {
        CONNECTIONS_TABLE: connections.grant("BatchGetItem", "BatchWriteItem", "PutItem", "Query", "UpdateItem"),
        CONNECTIONS_URL: clients.grant("POST", "DELETE"),
        LIMITS: limits,
        LOBBY: lobby,
        SWEEP_MINUTES: sweepMinutes,
      },
    }),
    $disconnect: chatFunction<import("./handlers/disconnect.js").Uses>()("disconnect", {
      callback: async (event) => {
        const { disconnect } = await import("./handlers/disconnect.js");
        return disconnect(event);
      },
      uses: {
        CONNECTIONS_TABLE: connections.grant("Query", "BatchWriteItem", "PutItem"),
        DEPARTURES: departures.grant("InvokeFunction"),
      },
    }),
    hello: chatFunction<import("./handlers/hello.js").Uses>()("hello", {
      callback: async (event) => {
        const { hello } = await import("./handlers/hello.js");
        return hello(event);
      },
      uses: {
        ...message,
        CONNECTIONS_TABLE: connections.grant(
          "GetItem",
          "UpdateItem",
          "BatchGetItem",
          "Query",
          "PutItem",
          "BatchWriteItem",
        ),
        MESSAGES_TABLE: messages.grant("BatchGetItem"),
      },
    }),
    joinRoom: chatFunction<import("./handlers/joinRoom.js").Uses>()("joinRoom", {
      callback: async (event) => {
        const { joinRoom } = await import("./handlers/joinRoom.js");
        return joinRoom(event);
      },
      uses: {
        ...message,
        CONNECTIONS_TABLE: connections.grant(
          "GetItem",
          "UpdateItem",
          "BatchGetItem",
          "Query",
          "PutItem",
          "BatchWriteItem",
        ),
        MESSAGES_TABLE: messages.grant("GetItem", "Query", "PutItem", "UpdateItem"),
        RETENTION_DAYS: retentionDays,
      },
    }),
    leaveRoom: chatFunction<import("./handlers/leaveRoom.js").Uses>()("leaveRoom", {
      callback: async (event) => {
        const { leaveRoom } = await import("./handlers/leaveRoom.js");
        return leaveRoom(event);
      },
      uses: {
        ...message,
        CONNECTIONS_TABLE: connections.grant(
          "GetItem",
          "UpdateItem",
          "Query",
          "PutItem",
          "BatchWriteItem",
          "DeleteItem",
        ),
      },
    }),
    sendMessage: chatFunction<import("./handlers/sendMessage.js").Uses>()("sendMessage", {
      timeout: 29,
      callback: async (event) => {
        const { sendMessage } = await import("./handlers/sendMessage.js");
        return sendMessage(event);
      },
      uses: appending,
    }),
    editMessage: chatFunction<import("./handlers/editMessage.js").Uses>()("editMessage", {
      timeout: 29,
      callback: async (event) => {
        const { editMessage } = await import("./handlers/editMessage.js");
        return editMessage(event);
      },
      uses: appending,
    }),
    deleteMessage: chatFunction<import("./handlers/deleteMessage.js").Uses>()("deleteMessage", {
      timeout: 29,
      callback: async (event) => {
        const { deleteMessage } = await import("./handlers/deleteMessage.js");
        return deleteMessage(event);
      },
      uses: appending,
    }),
    react: chatFunction<import("./handlers/react.js").Uses>()("react", {
      timeout: 29,
      callback: async (event) => {
        const { react } = await import("./handlers/react.js");
        return react(event);
      },
      uses: appending,
    }),
    getHistory: chatFunction<import("./handlers/getHistory.js").Uses>()("getHistory", {
      callback: async (event) => {
        const { getHistory } = await import("./handlers/getHistory.js");
        return getHistory(event);
      },
      uses: {
        ...message,
        CONNECTIONS_TABLE: connections.grant("GetItem", "UpdateItem"),
        MESSAGES_TABLE: messages.grant("GetItem", "Query", "PutItem", "UpdateItem"),
        RETENTION_DAYS: retentionDays,
      },
    }),
    setTyping: chatFunction<import("./handlers/setTyping.js").Uses>()("setTyping", {
      callback: async (event) => {
        const { setTyping } = await import("./handlers/setTyping.js");
        return setTyping(event);
      },
      uses: {
        ...message,
        CONNECTIONS_TABLE: connections.grant("GetItem", "UpdateItem", "Query", "BatchWriteItem"),
      },
    }),
    markRead: chatFunction<import("./handlers/markRead.js").Uses>()("markRead", {
      callback: async (event) => {
        const { markRead } = await import("./handlers/markRead.js");
        return markRead(event);
      },
      uses: {
        ...message,
        CONNECTIONS_TABLE: connections.grant("GetItem", "UpdateItem", "Query", "BatchWriteItem"),
        MESSAGES_TABLE: messages.grant("GetItem"),
      },
    }),
    listRooms: chatFunction<import("./handlers/listRooms.js").Uses>()("listRooms", {
      callback: async (event) => {
        const { listRooms } = await import("./handlers/listRooms.js");
        return listRooms(event);
      },
      uses: {
        ...message,
        CONNECTIONS_TABLE: connections.grant("GetItem", "UpdateItem", "BatchGetItem", "Query"),
        MESSAGES_TABLE: messages.grant("BatchGetItem", "Query"),
        RETENTION_DAYS: retentionDays,
      },
    }),
    listMembers: chatFunction<import("./handlers/listMembers.js").Uses>()("listMembers", {
      callback: async (event) => {
        const { listMembers } = await import("./handlers/listMembers.js");
        return listMembers(event);
      },
      uses: { ...message, CONNECTIONS_TABLE: connections.grant("GetItem", "UpdateItem", "Query") },
    }),
    ping: chatFunction<import("./handlers/ping.js").Uses>()("ping", {
      callback: async (event) => {
        const { ping } = await import("./handlers/ping.js");
        return ping(event);
      },
      uses: {
        ...message,
        CONNECTIONS_TABLE: connections.grant("GetItem", "UpdateItem"),
        MESSAGES_TABLE: messages.grant("BatchGetItem"),
      },
    }),
    refreshToken: chatFunction<import("./handlers/refreshToken.js").Uses>()("refreshToken", {
      callback: async (event) => {
        const { refreshToken } = await import("./handlers/refreshToken.js");
        return refreshToken(event);
      },
      uses: {
        ...message,
        CONNECTIONS_TABLE: connections.grant("UpdateItem", "Query"),
        ISSUER: issuer,
        AUDIENCE: audience,
      },
    }),
    invite: chatFunction<import("./handlers/invite.js").Uses>()("invite", {
      callback: async (event) => {
        const { invite } = await import("./handlers/invite.js");
        return invite(event);
      },
      uses: { ...message, CONNECTIONS_TABLE: connections.grant("GetItem", "UpdateItem", "PutItem") },
    }),
    ban: chatFunction<import("./handlers/ban.js").Uses>()("ban", {
      callback: async (event) => {
        const { ban } = await import("./handlers/ban.js");
        return ban(event);
      },
      uses: {
        ...message,
        CONNECTIONS_TABLE: connections.grant("GetItem", "UpdateItem", "PutItem", "Query", "BatchWriteItem"),
      },
    }),
    $default: chatFunction<import("./handlers/unknownAction.js").Uses>()("unknownAction", {
      callback: async (event) => {
        const { unknownAction } = await import("./handlers/unknownAction.js");
        return unknownAction(event);
      },
      uses: {
        CONNECTIONS_TABLE: connections.grant("UpdateItem"),
        CONNECTIONS_URL: clients.grant("POST", "DELETE"),
        LIMITS: limits,
      },
    }),
  };
}

/** URL for clients. */
export const webSocketUrl = url;
/** The policy statement that a publishing backend needs. */
export const [publishPolicyStatement] = grantInvoke(resourceName("publish")).statements;
/** ARN of the function that a publishing backend invokes. */
export const publishFunctionArn = publishPolicyStatement?.Resource;
// Outputs that a stack lacks aren't exported, because the engine warns about undefined ones.
Object.assign(exports, {
  /** URL of the chat page. */
  ...(page && { pageUrl: page.url }),
  /** The CNAME target for the domain's DNS record. */
  ...(domain && config.domain && "certificateArn" in config.domain && { domainTarget: domain.target }),
  /** The settings that a page needs to sign users in with a user pool. */
  ...(clientId && { userPoolClientId: clientId }),
  ...(users && { signInUrl: users.signInUrl }),
});
