/** Starts the local cloud as `npm start` does, in its own process, and reads its reports. */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Report } from "../local/report.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** A report of one kind. */
type ReportOf<Event extends Report["event"]> = Extract<Report, { event: Event }>;

export interface LocalCloud {
  /** The stack's outputs; empty if the program didn't get that far. */
  outputs: Record<string, string>;
  /** All reports, in order. */
  reports: Report[];
  process: ChildProcess;
  /** Resolves with the first report of this kind, past or future, that the test accepts. */
  waitFor<Event extends Report["event"]>(
    event: Event,
    accept?: (report: ReportOf<Event>) => boolean,
  ): Promise<ReportOf<Event>>;
  /** The process's standard error output. */
  stderr(): string;
  /** Ends the process as Ctrl-C does; resolves with the exit code. */
  stop(): Promise<number | null>;
  /** Resolves with the exit code when the process has ended. */
  ended: Promise<number | null>;
}

/**
 * Starts a local cloud without waiting for anything.
 *
 * @param args options of `npm start`; a free port is taken unless they name one, and saves are applied only with
 * `--watch`
 * @param env environment variables in addition to this process's
 */
export function spawnLocalCloud(args: string[] = [], env: Record<string, string> = {}): LocalCloud {
  const port = args.includes("--port") ? [] : ["--port", "0"];
  const watch = args.includes("--watch") ? [] : ["--no-watch"];
  const child = spawn(process.execPath, ["cli/launch.js", "local/start.ts", "--json", ...port, ...watch, ...args], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  const reports: Report[] = [];
  const waiting = new Set<() => void>();
  let stderr = "";
  child.stderr.on("data", (data) => {
    stderr += data;
  });
  createInterface({ input: child.stdout }).on("line", (line) => {
    reports.push(JSON.parse(line));
    for (const look of waiting) look();
  });
  const ended = new Promise<number | null>((resolve) => {
    child.once("close", (code) => {
      resolve(code);
      for (const look of waiting) look();
    });
  });
  let over = false;
  void ended.then(() => {
    over = true;
  });
  const cloud: LocalCloud = {
    outputs: {},
    reports,
    process: child,
    waitFor: (event, accept = () => true) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = reports.find((report) => report.event === event && accept(report as never));
          if (found === undefined && !over && child.exitCode === null) return;
          waiting.delete(look);
          if (found !== undefined) resolve(found as never);
          else
            reject(
              new Error(`the local cloud ended without saying "${event}":\n${JSON.stringify(reports)}\n${stderr}`),
            );
        };
        waiting.add(look);
        look();
      }),
    stderr: () => stderr,
    stop: () => {
      child.kill("SIGINT");
      return ended;
    },
    ended,
  };
  return cloud;
}

/** Starts a local cloud and waits until it is ready. @throws Error with its output if it ends before that */
export async function startLocalCloud(args: string[] = []): Promise<LocalCloud> {
  const cloud = spawnLocalCloud(args);
  const { outputs } = await cloud.waitFor("ready");
  Object.assign(cloud.outputs, outputs);
  return cloud;
}

/** Options of an SDK client that acts as the local account's administrator, from what the start prints. */
export async function operatorAccess(cloud: LocalCloud) {
  const { aws = {} } = await cloud.waitFor("ready");
  return {
    endpoint: aws.AWS_ENDPOINT_URL ?? "",
    region: aws.AWS_REGION ?? "",
    credentials: {
      accessKeyId: aws.AWS_ACCESS_KEY_ID ?? "",
      secretAccessKey: aws.AWS_SECRET_ACCESS_KEY ?? "",
      sessionToken: aws.AWS_SESSION_TOKEN ?? "",
    },
  };
}
