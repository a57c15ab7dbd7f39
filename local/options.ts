/** The command line of the local cloud. */
import { parseArgs } from "node:util";
import { UsageError } from "../stack/usageError.ts";

export const HELP = `Runs the Pulumi program in this folder on this machine: its API, functions, tables and IAM policies.

  npm start -- [options]

  --port PORT         port of the WebSocket API, 0 for any that is free   (default: 4510)
  --no-page           don't serve the program's page (it uses the port after the API's)
  --open              open the page in the browser
  --stack STACK       stack whose Pulumi.STACK.yaml is read               (default: dev)
  --config KEY=VALUE  a configuration value; may be repeated
  --data DIR          folder that keeps the tables across restarts        (default: in memory)
  --chaos SEED        delay frames and posts at random, from this seed    (default: off)
  --program DIR       folder of the program                               (default: this one)
  --idle SECONDS      close connections that are idle this long           (default: 600, as on AWS)
  --lifetime SECONDS  close connections after this long                   (default: 7200, as on AWS)
  --no-watch          don't apply saved files to the running cloud        (default: watch)
  --logs              print what functions log             (default: with --program; --no-logs turns it off)
  --json              print JSON lines instead of text, all logs included
  --help              print this

Keys: r restarts the local cloud, c clears the tables, h shows the keys, q or Ctrl-C stops the local cloud.
Before it stops, it closes all connections with 1001 and runs $disconnect for each.
`;

export interface Options {
  port: number;
  page: boolean;
  open: boolean;
  stack: string;
  config: Record<string, string>;
  data?: string;
  chaos?: number;
  program: string;
  idleMs: number;
  lifetimeMs: number;
  watch: boolean;
  logs: boolean;
  json: boolean;
  help: boolean;
}

/** @throws UsageError naming the option, its value and what is allowed */
export function parseOptions(args: string[]): Options {
  const { values } = parse(args);
  const number = (name: "port" | "chaos" | "idle" | "lifetime", least: number, most: number): number | undefined => {
    const value = values[name];
    if (value === undefined) return undefined;
    if (/^\d+(\.\d+)?$/.test(value) && Number(value) >= least && Number(value) <= most) return Number(value);
    throw new UsageError(`--${name} is "${value}": a number from ${least} to ${most} is expected`);
  };
  if (values.open && values.page === false) {
    throw new UsageError("--open and --no-page contradict each other: use one of them");
  }
  const chaos = number("chaos", 0, 2 ** 32 - 1);
  return {
    port: number("port", 0, 65_535) ?? 4510,
    page: values.page ?? true,
    open: values.open ?? false,
    stack: values.stack ?? "dev",
    config: Object.fromEntries((values.config ?? []).map(keyAndValue)),
    ...(values.data === undefined ? {} : { data: values.data }),
    ...(chaos === undefined ? {} : { chaos }),
    program: values.program ?? ".",
    idleMs: (number("idle", 0.05, 600) ?? 600) * 1000,
    lifetimeMs: (number("lifetime", 0.05, 7200) ?? 7200) * 1000,
    watch: values.watch ?? true,
    logs: values.logs ?? values.program !== undefined,
    json: values.json ?? false,
    help: values.help ?? false,
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowNegative: true,
      options: {
        port: { type: "string" },
        page: { type: "boolean" },
        open: { type: "boolean" },
        stack: { type: "string" },
        config: { type: "string", multiple: true },
        data: { type: "string" },
        chaos: { type: "string" },
        program: { type: "string" },
        idle: { type: "string" },
        lifetime: { type: "string" },
        watch: { type: "boolean" },
        logs: { type: "boolean" },
        json: { type: "boolean" },
        help: { type: "boolean" },
      },
    });
  } catch (error) {
    const message = (error as Error).message.replaceAll("\n", " ").replace(/\.$/, "");
    // npm takes options that have no -- before them for its own, and passes on only their values.
    const hint = /Unexpected argument/.test(message) ? `; write -- before the options: npm start -- --port 4710` : "";
    throw new UsageError(`${message}${hint}; --help shows the options`);
  }
}

function keyAndValue(text: string): [string, string] {
  const equals = text.indexOf("=");
  if (equals > 0) return [text.slice(0, equals), text.slice(equals + 1)];
  throw new UsageError(`--config is "${text}": KEY=VALUE is expected, such as chat:memory=1024`);
}
