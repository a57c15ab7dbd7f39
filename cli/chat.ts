/** `npm run chat -- --name ana`: the chat in a terminal. */
import { WebSocket } from "ws";
import { Client, type Socket, type State } from "../client/index.ts";
import { fileStore } from "../client/store/index.ts";
import { commandLine } from "./commandLine.ts";
import { ADDRESS_OPTIONS, type LocalAddress, localAddress } from "./localAddress.ts";
import { requestToken } from "./localIssuer.ts";
import { COMMANDS_HELP } from "./terminal/commands.ts";
import { Conversation } from "./terminal/conversation.ts";
import { printable } from "./terminal/printable.ts";
import { Screen } from "./terminal/screen.ts";

const HELP = `Opens the chat in this terminal.

  npm run chat -- --name NAME [options]

  --name NAME    your name                                        (default: your user name)
  --port PORT    port of the local cloud                          (default: 4510)
  --url URL      the WebSocket address, instead of --port
  --token TOKEN  your token                                       (default: a token from the local cloud's issuer)
  --unsent FILE  keeps unacknowledged messages in this file for the next start
  --help         print this

${COMMANDS_HELP}`;

const { name, token, unsent, ...addressed } = commandLine(HELP, {
  ...ADDRESS_OPTIONS,
  name: { type: "string", default: process.env.USER ?? "guest" },
  token: { type: "string" },
  unsent: { type: "string" },
});

/** How long to wait for acknowledgments after the user has left the chat, in milliseconds. */
const PATIENCE_MS = 3_000;

try {
  const address = localAddress(addressed);
  if (token === undefined && address.webSocket.startsWith("wss:")) {
    throw new Error("--token is missing: a deployed chat only accepts tokens from its own issuer");
  }
  chat(address);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}

function chat({ webSocket, http }: LocalAddress): void {
  const screen = new Screen(`${printable(name)}> `);
  const client = new Client({
    url: webSocket,
    token: async () => token ?? requestToken(http, { user: name }),
    // Unlike Node's own WebSocket, the one from the `ws` package reports why a connection was refused.
    WebSocket: WebSocket as unknown as new (url: string, protocols: string[]) => Socket,
    ...(unsent === undefined ? {} : { store: fileStore(unsent) }),
  });
  client.onState((state) => {
    const text = stateText(state, webSocket);
    if (text !== undefined) screen.note(text);
  });
  const conversation = new Conversation(client, screen, printable(name), () => screen.close());
  screen.onLine((line) => conversation.enter(line));
  for (const signal of ["SIGTERM", "SIGHUP"]) process.once(signal, () => screen.close());
  screen.onClose(async () => {
    const acknowledged = Promise.allSettled(conversation.unsent.map((outgoing) => outgoing.acknowledged));
    await Promise.race([acknowledged, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);
    const left = conversation.unsent.length;
    if (left > 0) console.error(`unacknowledged messages: ${left}${unsent === undefined ? "" : `; kept in ${unsent}`}`);
    client.close();
    process.exit(left > 0 ? 1 : 0);
  });
}

function stateText(state: State, url: string): string | undefined {
  if (state.name === "open") return `connected to ${url}`;
  if (state.name === "waiting") {
    return `${printable(state.cause.message)}; trying again in ${(state.retryInMs / 1000).toFixed(1)} s`;
  }
  if (state.name === "stopped") return `${printable(state.cause.message)}; /connect tries again`;
  return undefined;
}
