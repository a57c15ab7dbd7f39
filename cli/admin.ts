/** `npm run admin -- erase --user ana`: an operator's commands, which the stack's `admin` function runs. */
import type { WriteStream } from "node:fs";
import { open } from "node:fs/promises";
import type { AdminAnswer, AdminRequest } from "../handlers/admin.ts";
import { commandLineWithNames } from "./commandLine.ts";
import { operatorFunction } from "./operatorFunction.ts";

const HELP = `Runs an operator's commands. Without --stack, they go to the local cloud.

  npm run admin -- export --user USER [--out FILE]      exports everything stored about a person, a JSON line per row
  npm run admin -- erase --user USER                    empties their entries, removes other rows, closes connections
  npm run admin -- role --room ROOM --user USER --role moderator | member | banned

  --user USER     the person's id, as their entries name it: the subject of their token
  --stack STACK   the stack on AWS, with the credentials that the AWS CLI would use; they need lambda:InvokeFunction
  --port PORT     port of the local cloud                (default: 4510)
  --out FILE      file for the export                    (default: standard output)
  --help          print this
`;

const ROLES = ["moderator", "member", "banned"] as const;

const { positionals, values } = commandLineWithNames(HELP, {
  user: { type: "string" },
  room: { type: "string" },
  role: { type: "string" },
  stack: { type: "string" },
  port: { type: "string", default: "4510" },
  out: { type: "string" },
});

try {
  await run();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}

async function run(): Promise<void> {
  const [command, ...rest] = positionals;
  const { user, room } = values;
  if (rest.length > 0 || (command !== "export" && command !== "erase" && command !== "role")) {
    const what = positionals.length === 0 ? "no command was given" : `"${positionals.join(" ")}" isn't a command`;
    throw new Error(`${what}: use export, erase or role; --help shows them`);
  }
  if (!user) throw new Error("--user is missing: name the person; --help shows the options");
  const ask = await operator();
  if (command === "role") {
    const role = ROLES.find((one) => one === values.role);
    if (!room || role === undefined) throw new Error(`role needs --room and --role ${ROLES.join(" | ")}`);
    await ask({ command, user, room, role });
    console.error(`${user} is ${role} in ${room}`);
    return;
  }
  const out = command === "export" && values.out !== undefined ? await openPrivate(values.out) : process.stdout;
  let count = 0;
  for (const table of ["connections", "messages"] as const) {
    let start: AdminAnswer["next"];
    do {
      const { rows = [], erased = 0, next } = await ask({ command, user, table, ...(start && { start }) });
      for (const row of rows) out.write(`${JSON.stringify(row)}\n`);
      count += rows.length + erased;
      start = next;
      if (process.stderr.isTTY) process.stderr.write(`\r${table}: ${count} rows `);
    } while (start !== undefined);
  }
  if (process.stderr.isTTY) process.stderr.write("\n");
  console.error(`${command === "export" ? "exported" : "erased"} ${count} rows of ${user}`);
}

/** Opens a file for writing that only its owner can read, even if it already exists. */
async function openPrivate(path: string): Promise<WriteStream> {
  try {
    const file = await open(path, "w", 0o600);
    await file.chmod(0o600);
    return file.createWriteStream();
  } catch (error) {
    throw new Error(`cannot write to ${path}: ${(error as Error).message}`);
  }
}

/** @returns a function that invokes the operator function of the stack or of the local cloud */
async function operator(): Promise<(request: AdminRequest) => Promise<AdminAnswer>> {
  const { lambda, functionName } = await operatorFunction("admin", values);
  return async (request) => {
    const { FunctionError, Payload } = await lambda.invoke({
      FunctionName: functionName,
      Payload: JSON.stringify(request),
    });
    const answer = JSON.parse(Payload?.transformToString() ?? "null");
    if (FunctionError !== undefined) throw new Error(`${functionName} failed: ${answer.errorType}; its log says more`);
    return answer;
  };
}
