/** An `aws` on PATH that answers what a test says and writes down how it was called; nothing leaves this machine. */
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** By service and command, and stack or waiter if they differ, what it prints: JSON, or `error:` and what goes to stderr. */
export type Answers = Record<string, unknown>;

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
  /** Each call's arguments. */
  calls: string[][];
  /** Templates by the name of their CloudFormation stack. */
  templates: Record<string, unknown>;
}

const STAND_IN = `#!${process.execPath}
const fs = require("node:fs"), path = require("node:path");
const args = process.argv.slice(2);
const folder = __dirname;
fs.appendFileSync(path.join(folder, "calls"), JSON.stringify(args) + "\\n");
const after = (option) => (args.includes(option) ? args[args.indexOf(option) + 1] : undefined);
const file = after("--template-body");
const stack = after("--stack-name");
if (file !== undefined) fs.copyFileSync(file.replace("file://", ""), path.join(folder, "template-" + stack));
const answers = JSON.parse(fs.readFileSync(path.join(folder, "answers"), "utf8"));
const command = args.slice(0, args[1] === "wait" ? 3 : 2).join(" ");
const answer = answers[command + " " + stack] ?? answers[command];
if (typeof answer === "string" && answer.startsWith("error:")) {
  console.error(answer.slice(6));
  process.exit(254);
}
if (answer !== undefined) console.log(JSON.stringify(answer));
`;

/** Runs one of the scripts in deploy/. @param answers undefined for a machine without the AWS CLI */
export async function runScript(
  script: string,
  args: string[],
  answers: Answers | undefined,
  cwd: string,
): Promise<Ran> {
  const folder = mkdtempSync(join(tmpdir(), "aws-stand-in-"));
  try {
    if (answers !== undefined) {
      writeFileSync(join(folder, "aws"), STAND_IN, { mode: 0o755 });
      writeFileSync(join(folder, "answers"), JSON.stringify(answers));
      writeFileSync(join(folder, "package.json"), "{}");
    }
    const { code, stdout, stderr } = await new Promise<Pick<Ran, "code" | "stdout" | "stderr">>((resolve) => {
      const env = { PATH: folder, HOME: dirname(folder), NODE_NO_WARNINGS: "1" };
      execFile(process.execPath, [script, ...args], { cwd, env }, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
      }).stdin?.end();
    });
    const read = (file: string) => {
      try {
        return readFileSync(join(folder, file), "utf8");
      } catch {
        return undefined;
      }
    };
    const templates = Object.fromEntries(
      readdirSync(folder)
        .filter((file) => file.startsWith("template-"))
        .map((file) => [file.slice("template-".length), JSON.parse(read(file) ?? "")]),
    );
    const calls = (read("calls") ?? "").trim().split("\n").filter(Boolean);
    return { code, stdout, stderr, calls: calls.map((line) => JSON.parse(line)), templates };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
