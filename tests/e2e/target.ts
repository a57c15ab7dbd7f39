/** The chat under test: a deployed stack if one is named, otherwise the suite's own local cloud. */
import { requestToken } from "../../cli/localIssuer.ts";
import { type LocalCloud, startLocalCloud } from "../localCloud.ts";
import { TestClient } from "../webSocketClient.ts";

export interface Target {
  /** The WebSocket address. */
  url: string;
  /** URL of the local issuer; undefined for a deployed stack. */
  issuer: string | undefined;
  /** The local cloud's process; undefined for a deployed stack. */
  cloud: LocalCloud | undefined;
  /** Opens a connection for a user; a deployed stack's users are those whose tokens are given. */
  connect(user: string): Promise<TestClient>;
  /** Closes its connections and ends the local cloud. */
  stop(): Promise<void>;
}

/** Rates for tests, which send faster than people do, and all as the same person. */
const FAST = [
  ...["userRate=1000", "userBurst=100000", "roomRate=1000", "connectRate=100000", "handshakeRate=10000"],
  "connectionsPerPerson=1000",
];

/**
 * Starts a local cloud whose rates are so high that no test reaches them.
 *
 * @param args further options of the local cloud, which may set lower rates
 */
export async function startTarget(args: string[] = []): Promise<Target> {
  const cloud = await startLocalCloud([...FAST.flatMap((rate) => ["--config", rate]), ...args]);
  const url = cloud.outputs.webSocketUrl as string;
  const issuer = `http://${new URL(url).host}`;
  return targetOf(url, (user) => requestToken(issuer, { user }), { cloud, issuer });
}

/** A stack on AWS. Each user of the suite takes one of the tokens, always the same. */
export function deployedTarget(url: string, tokens: string[]): Target {
  const users: string[] = [];
  const tokenOf = async (user: string) => {
    if (!users.includes(user)) users.push(user);
    return tokens[users.indexOf(user) % tokens.length] as string;
  };
  return targetOf(url, tokenOf, { cloud: undefined, issuer: undefined });
}

function targetOf(
  url: string,
  tokenOf: (user: string) => Promise<string>,
  local: Pick<Target, "cloud" | "issuer">,
): Target {
  const opened: TestClient[] = [];
  return {
    url,
    ...local,
    async connect(user) {
      const client = await TestClient.open(url, ["chat.v1", `bearer.${await tokenOf(user)}`]);
      opened.push(client);
      return client;
    },
    async stop() {
      // Stops the cloud first, because it would otherwise run a function for each connection that closes.
      await local.cloud?.stop();
      for (const { socket } of opened) socket.terminate();
    },
  };
}
