/** An `aws` on PATH that answers what a test says and writes down how it was called; nothing leaves this machine. */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** By service and command, what it prints: JSON, or `error:` and what goes to stderr. */
export type Answers = Record<string, unknown>;

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
  /** Each call's arguments. */
  calls: string[][];
  /** The template of the one that deploys. */
  template: string | undefined;
}

const STAND_IN = `#!${process.execPath}
const fs = require("node:fs"), path = require("node:path");
const args = process.argv.slice(2);
const folder = __dirname;
fs.appendFileSync(path.join(folder, "calls"), JSON.stringify(args) + "\\n");
const file = args.indexOf("--template-file");
if (file !== -1) fs.copyFileSync(args[file + 1], path.join(folder, "template"));
const answers = JSON.parse(fs.readFileSync(path.join(folder, "answers"), "utf8"));
const answer = answers[args.slice(0, 2).join(" ")];
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
    const calls = (read("calls") ?? "").trim().split("\n").filter(Boolean);
    return { code, stdout, stderr, calls: calls.map((line) => JSON.parse(line)), template: read("template") };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
