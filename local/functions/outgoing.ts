/**
 * Outgoing calls of a function. On AWS, an API's own address uses TLS; here it uses plain HTTP, so calls to `https://`
 * with the domain from an event go to `http://`. Failed connections are reported to the developer, because handlers
 * tend to swallow these errors.
 */
import { errorMonitor } from "node:events";
import { createRequire, syncBuiltinESMExports } from "node:module";

type Request = (...args: unknown[]) => { on(event: symbol, heard: (error: Error) => void): void };

/**
 * @param hosts hosts of the local cloud's APIs, such as `127.0.0.1:4510`
 * @param tell called with the host of each failed connection, and the reason
 */
export function patchOutgoing(hosts: readonly string[], tell: (host: string, why: string) => void): void {
  const require = createRequire(process.execPath);
  const http = require("node:http");
  const https = require("node:https");
  const requestPlain: Request = http.request;
  const requestByTls: Request = https.request;

  const watched = (request: ReturnType<Request>, host: string) => {
    request.on(errorMonitor, (error) => tell(host, error.message));
    return request;
  };
  http.request = (...args: unknown[]) => watched(requestPlain(...args), hostOf(args));
  https.request = (...args: unknown[]) => {
    const host = hostOf(args);
    if (!hosts.includes(host)) return watched(requestByTls(...args), host);
    return watched(requestPlain(...args.map(plainly)), host);
  };
  for (const module of [http, https]) {
    module.get = (...args: unknown[]) => {
      const request = module.request(...args);
      request.end();
      return request;
    };
  }
  syncBuiltinESMExports();

  const { fetch } = globalThis;
  globalThis.fetch = async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const isOurs = url.protocol === "https:" && hosts.includes(url.host);
    if (isOurs) url.protocol = "http:";
    try {
      return await fetch(isOurs ? (input instanceof Request ? new Request(url, input) : url) : input, init);
    } catch (error) {
      const { cause, message } = error as Error;
      tell(url.host, cause instanceof Error ? cause.message : message);
      throw error;
    }
  };
}

/** The host of a `request(url, options)` call, whose URL or options may be missing. */
function hostOf(args: unknown[]): string {
  const [first] = args;
  if (typeof first === "string" || first instanceof URL) return new URL(first).host;
  const { host, hostname, port } = (first ?? {}) as { host?: string; hostname?: string; port?: number | string };
  const name = hostname ?? host ?? "localhost";
  return port === undefined || port === "" || port === null ? name : `${name}:${port}`;
}

function plainly(argument: unknown): unknown {
  if (typeof argument === "string" || argument instanceof URL) return new URL(`${argument}`.replace("https:", "http:"));
  if (typeof argument !== "object" || argument === null) return argument;
  // The agent is dropped, because an HTTPS agent refuses plain HTTP.
  const { agent: _, protocol: __, ...options } = argument as Record<string, unknown>;
  return options;
}
