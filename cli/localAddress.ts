/** The local cloud that a command uses, named by `--port` or `--url`. */

const DEFAULT_PORT = "4510";

/** Command-line options that select the local cloud. */
export const ADDRESS_OPTIONS = { port: { type: "string" }, url: { type: "string" } } as const;

export interface LocalAddress {
  /** `ws://host:port/stage`. */
  webSocket: string;
  /** URL of the local cloud's issuer: `http://host:port`. */
  http: string;
}

/**
 * Addresses of the chat that the options name; without options, of the local cloud on its default port.
 *
 * @param url a WebSocket address, possibly of a deployed chat
 * @throws Error that says what was expected
 */
export function localAddress({ port, url }: { port?: string | undefined; url?: string | undefined }): LocalAddress {
  if (port !== undefined && url !== undefined) throw new Error("--port and --url both name the chat: use one of them");
  if (port !== undefined && (!/^\d{1,5}$/.test(port) || Number(port) === 0 || Number(port) > 65_535)) {
    throw new Error(`--port is "${port}": a number from 1 to 65535 is expected`);
  }
  const webSocket = url ?? `ws://127.0.0.1:${port ?? DEFAULT_PORT}/dev`;
  const address = URL.parse(webSocket);
  if (address === null || !/^wss?:$/.test(address.protocol) || lacksStage(address)) {
    throw new Error(`--url is "${url}": a WebSocket address such as ws://127.0.0.1:4510/dev is expected`);
  }
  return { webSocket, http: `http${address.protocol === "wss:" ? "s" : ""}://${address.host}` };
}

/**
 * Whether a stage is missing. Only `execute-api` and local addresses need one: a stack's custom domain has no stage in
 * its path.
 */
function lacksStage({ pathname, hostname }: URL): boolean {
  return pathname === "/" && /\.execute-api\.|^(127\.|localhost$)/.test(hostname);
}
