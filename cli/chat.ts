/** `npm run chat -- --name ana`: the chat in a terminal. */
import { clearScreenDown, createInterface, cursorTo, moveCursor } from "node:readline";
import { styleText } from "node:util";
import { commandLine } from "./commandLine.ts";
import { ChatConnection } from "./connection.ts";
import { requestToken } from "./localIssuer.ts";

const HELP = `Chats in this terminal.

  npm run chat -- --name NAME [options]

  --name NAME    who you are                                      (default: your user name)
  --url URL      the WebSocket address                            (default: ws://127.0.0.1:4510/dev)
  --token TOKEN  your token                                       (default: one of the local cloud's issuer)
  --help         print this

Type a line and press Enter to send it; Ctrl-C leaves.
`;

chat(
  commandLine(HELP, {
    name: { type: "string", default: process.env.USER ?? "guest" },
    url: { type: "string", default: "ws://127.0.0.1:4510/dev" },
    token: { type: "string" },
  }),
);

interface Entry {
  user: { name: string };
  sentAt: number;
  text: string;
}

function chat({ name, url, token }: { name: string; url: string; token?: string | undefined }): void {
  const terminal = createInterface({ input: process.stdin, output: process.stdout, prompt: `${name}> ` });
  if (!/^wss?:$/.test(URL.parse(url)?.protocol ?? "")) {
    console.error(`--url is "${url}": a WebSocket address such as ws://127.0.0.1:4510/dev is expected`);
    process.exit(1);
  }
  if (token === undefined && URL.parse(url)?.protocol === "wss:") {
    console.error("--token is missing: a deployed chat takes tokens of its own issuer only");
    process.exit(1);
  }
  const connection = new ChatConnection({
    url,
    token: async () => token ?? requestToken(`http://${new URL(url).host}`, { user: name }),
  });

  /** Prints above the line that is being typed, which stays as it is. */
  const print = (text: string) => {
    if (process.stdout.isTTY) {
      // The line may be wider than the terminal: up to its first row, and everything below goes.
      moveCursor(process.stdout, 0, -terminal.getCursorPos().rows);
      cursorTo(process.stdout, 0);
      clearScreenDown(process.stdout);
    }
    console.log(text);
    // Readline would go up again by the rows that it thinks are above the cursor.
    (terminal as unknown as { prevRows: number }).prevRows = 0;
    terminal.prompt(true);
  };
  const note = (text: string) => print(styleText("dim", text, { stream: process.stdout }));

  connection.on("open", () => note(`connected to ${url}`));
  connection.on("lost", (why, pauseMs) => note(`${printable(why)}; trying again in ${(pauseMs / 1000).toFixed(1)} s`));
  connection.on("frame", (frame) => {
    if (frame.type === "event") for (const entry of frame.entries as Entry[]) print(lineOf(entry));
    if (frame.type === "error") note(printable(`${frame.code}: ${frame.message}`));
  });
  terminal.on("line", (line) => {
    terminal.prompt();
    if (line.trim() === "") return;
    const sent = connection.send({ action: "sendMessage", id: crypto.randomUUID(), text: line });
    if (!sent) note(`not sent, there is no connection: ${line}`);
  });
  terminal.on("close", () => {
    connection.close();
    setTimeout(() => process.exit(0), 500).unref();
  });
  terminal.prompt();
  void connection.open();
}

function lineOf({ user, sentAt, text }: Entry): string {
  const time = new Date(sentAt).toTimeString().slice(0, 5);
  return `${time} ${styleText("bold", printable(user.name), { stream: process.stdout })}: ${printable(text)}`;
}

/** What comes from elsewhere must not steer this terminal. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, (character) => (character === "\t" ? " " : "�"));
}
