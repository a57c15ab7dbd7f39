/** An `aws` on PATH that gives a test's answers and records its calls. No request leaves this machine. */
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import folders from "../../cache/folders.cjs";

/**
 * Outputs by call. A call is named by its service and command and, if needed, its stack or waiter. An output is a value
 * to print as JSON, or `error:` followed by the text for stderr.
 */
export type Answers = Record<string, unknown>;

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
  /** Arguments of each call. */
  calls: string[][];
  /** Templates by the name of their CloudFormation stack. */
  templates: Record<string, unknown>;
}

/**
 * A shell script, because it starts much faster than Node and a bootstrap calls it about fifteen times. It records a
 * call in one write, because several run at once.
 */
const STAND_IN = `#!/bin/sh
folder=\${0%/*}
call=$(printf '%s\\037' "$@"; printf '\\036')
printf '%s' "$call" >> "$folder/calls"
command="$1 $2"
[ "$2" = wait ] && command="$command $3"
stack= file= previous=
for arg; do
  case $previous in
    --stack-name) stack=$arg ;;
    --template-body) file=\${arg#file://} ;;
  esac
  previous=$arg
done
[ -n "$file" ] && /bin/cat "$file" > "$folder/template-$stack"
for answer in "$command $stack" "$command"; do
  if [ -f "$folder/error $answer" ]; then
    /bin/cat "$folder/error $answer" >&2
    exit 254
  fi
  if [ -f "$folder/answer $answer" ]; then
    exec /bin/cat "$folder/answer $answer"
  fi
done
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
      for (const [command, answer] of Object.entries(answers)) {
        const error = /^error:(.*)$/s.exec(String(answer))?.[1];
        if (error !== undefined) writeFileSync(join(folder, `error ${command}`), `${error}\n`);
        else writeFileSync(join(folder, `answer ${command}`), `${JSON.stringify(answer)}\n`);
      }
    }
    const { code, stdout, stderr } = await new Promise<Pick<Ran, "code" | "stdout" | "stderr">>((resolve) => {
      const env = {
        PATH: folder,
        HOME: dirname(folder),
        NODE_NO_WARNINGS: "1",
        NODE_COMPILE_CACHE: folders.COMPILED,
      };
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
    const calls = (read("calls") ?? "").split("\x1e").slice(0, -1);
    return { code, stdout, stderr, calls: calls.map((call) => call.split("\x1f").slice(0, -1)), templates };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
