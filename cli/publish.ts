/** `npm run publish -- --room lobby "text"`: publishes messages as a backend does. */
import { publish } from "../client/publish/index.ts";
import { commandLineWithNames } from "./commandLine.ts";
import { operatorFunction } from "./operatorFunction.ts";

const HELP = `Publishes messages as a backend does, through the function "publish". Without --stack, they go to the local cloud.

  npm run publish -- --room ROOM TEXT...

  TEXT              one or more messages, published in this order
  --room ROOM       room that they are published in
  --service NAME    author of the messages               (default: operator)
  --id ID           makes one message idempotent: publishing it again with the same id doesn't add another
  --stack STACK     the stack on AWS, with the credentials that the AWS CLI would use; they need lambda:InvokeFunction
  --port PORT       port of the local cloud              (default: 4510)
  --help            print this
`;

const { positionals: texts, values } = commandLineWithNames(HELP, {
  room: { type: "string" },
  service: { type: "string", default: "operator" },
  id: { type: "string" },
  stack: { type: "string" },
  port: { type: "string", default: "4510" },
});

try {
  await run();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}

async function run(): Promise<void> {
  const { room, service, id } = values;
  if (room === undefined) throw new Error("--room is missing: name the room to publish in; --help shows the options");
  if (texts.length === 0) throw new Error("there is no text to publish: write it after the options; --help shows them");
  if (id !== undefined && texts.length > 1) throw new Error("--id belongs to one message: publish one text at a time");
  const { lambda, functionName } = await operatorFunction("publish", values);
  const messages = texts.map((text) => ({ room, text, ...(id === undefined ? {} : { id }) }));
  for (const result of await publish({ lambda, functionArn: functionName, service }, messages)) {
    if (result.error === undefined) console.log(`#${result.seq}${result.duplicate ? " (it was there already)" : ""}`);
    else {
      console.error(`not published: ${result.error.message}`);
      process.exitCode = 1;
    }
  }
}
