/** `npm run chat -- --name ana`: the chat in a terminal. */
import { WebSocket } from "ws";
import { Client, type Socket, type State } from "../client/index.ts";
import { fileStore } from "../client/store/index.ts";
import { commandLine } from "./commandLine.ts";
import { requestToken } from "./localIssuer.ts";
import { COMMANDS_HELP } from "./terminal/commands.ts";
import { Conversation } from "./terminal/conversation.ts";
import { printable } from "./terminal/lines.ts";
import { Screen } from "./terminal/screen.ts";

const HELP = `Chats in this terminal.

  npm run chat -- --name NAME [options]

  --name NAME    who you are                                      (default: your user name)
  --url URL      the WebSocket address                            (default: ws://127.0.0.1:4510/dev)
  --token TOKEN  your token                                       (default: one of the local cloud's issuer)
  --unsent FILE  keeps what is not acknowledged yet in this file, for the next time
  --help         print this

${COMMANDS_HELP}`;

chat(
  commandLine(HELP, {
    name: { type: "string", default: process.env.USER ?? "guest" },
    url: { type: "string", default: "ws://127.0.0.1:4510/dev" },
    token: { type: "string" },
    unsent: { type: "string" },
  }),
);

/** Whoever leaves waits this long for what was typed last, in milliseconds. */
const PATIENCE_MS = 3_000;

interface ChatOptions {
  name: string;
  url: string;
  token?: string | undefined;
  unsent?: string | undefined;
}

function chat({ name, url, token, unsent }: ChatOptions): void {
  const address = URL.parse(url);
  if (address === null || !/^wss?:$/.test(address.protocol)) {
    console.error(`--url is "${url}": a WebSocket address such as ws://127.0.0.1:4510/dev is expected`);
    process.exit(1);
  }
  if (token === undefined && address.protocol === "wss:") {
    console.error("--token is missing: a deployed chat takes tokens of its own issuer only");
    process.exit(1);
  }
  const screen = new Screen(`${printable(name)}> `);
  const client = new Client({
    url,
    token: async () => token ?? requestToken(`http://${address.host}`, { user: name }),
    // It says why a connection was refused, which the one of Node does not.
    WebSocket: WebSocket as unknown as new (url: string, protocols: string[]) => Socket,
    ...(unsent === undefined ? {} : { store: fileStore(unsent) }),
  });
  client.onState((state) => {
    const said = stateOf(state, url);
    if (said !== undefined) screen.note(said);
  });
  const conversation = new Conversation(client, screen, printable(name), () => screen.close());
  screen.onLine((line) => conversation.enter(line));
  screen.onClose(async () => {
    const acknowledged = Promise.allSettled(conversation.unsent.map((outgoing) => outgoing.acknowledged));
    await Promise.race([acknowledged, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);
    const left = conversation.unsent.length;
    if (left > 0) console.error(`${left} not sent${unsent === undefined ? "" : `; kept in ${unsent}`}`);
    client.close();
    process.exit(0);
  });
}

function stateOf(state: State, url: string): string | undefined {
  if (state.name === "open") return `connected to ${url}`;
  if (state.name !== "waiting") return undefined;
  return `${printable(state.cause.message)}; trying again in ${(state.retryInMs / 1000).toFixed(1)} s`;
}
