/** Writes Lambda's lines to a function's log group, with the function's own role and only if that role allows it. */
import type { Access } from "../access.ts";
import type { Caller } from "../identity/role.ts";
import type { Reporter } from "../report.ts";

export interface FunctionLogDeps {
  access: Access;
  report: Reporter;
  logGroupArn: string;
  logGroupExists: () => boolean;
  makeLogGroup: () => void;
}

/** Source and destination of a log line. */
export interface Writer {
  /** Name of the function. */
  name: string;
  logGroup: string;
  caller: Caller;
  logStream: string;
}

export class FunctionLog {
  readonly #deps: FunctionLogDeps;
  #mayWrite: boolean | undefined;

  constructor(deps: FunctionLogDeps) {
    this.#deps = deps;
  }

  /** Writes a line, which is lost if the role doesn't allow it. */
  write(writer: Writer, line: string): void {
    this.#mayWrite ??= this.#check(writer);
    if (this.#mayWrite) this.#deps.report({ event: "log", group: writer.logGroup, line });
  }

  /** Checks the permission again with the next line, because the role or the log group may have changed. */
  checkAgain(): void {
    this.#mayWrite = undefined;
  }

  #check({ name, logGroup, caller, logStream }: Writer): boolean {
    const { access, logGroupArn, logGroupExists, makeLogGroup, report } = this.#deps;
    const stream = `${logGroupArn}:log-stream:${logStream}`;
    const refusals = ["logs:CreateLogStream", "logs:PutLogEvents"].filter(
      (action) => access.refusal(caller, action, stream) !== undefined,
    );
    // Lambda creates the log group if the role allows it.
    if (!logGroupExists()) {
      if (access.refusal(caller, "logs:CreateLogGroup", logGroupArn) === undefined) makeLogGroup();
      else report({ event: "warning", message: `${name} has no log group ${logGroup}: its log lines are lost` });
    }
    return refusals.length === 0 && logGroupExists();
  }
}

/** The lines that Lambda writes at the end of an invocation. */
export function endLines(
  requestId: string,
  memoryMb: number,
  { ms, heapMb, initMs }: { ms: number; heapMb: number; initMs?: number },
): string[] {
  const fields = [
    `REPORT RequestId: ${requestId}`,
    `Duration: ${ms.toFixed(2)} ms`,
    `Billed Duration: ${Math.ceil(ms + (initMs ?? 0))} ms`,
    `Memory Size: ${memoryMb} MB`,
    `Max Memory Used: ${heapMb} MB`,
    ...(initMs === undefined ? [] : [`Init Duration: ${initMs.toFixed(2)} ms`]),
  ];
  return [`END RequestId: ${requestId}`, fields.join("\t")];
}
