/** Tests requests over TLS: which certificates are accepted, the protocol that is agreed on, and resumed sessions. */
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer as createHttpsServer } from "node:https";
import { createServer as createTcpServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer, getCACertificates, setDefaultCACertificates, type TLSSocket, type TlsOptions } from "node:tls";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { TimedOut } from "../../chat/http/exchange.ts";
import { ask, bodyOf, failureOf, listen, OK } from "./servers.ts";

const hasOpenssl = (() => {
  try {
    return execFileSync("openssl", ["version"]).length > 0;
  } catch {
    console.log("The tests of TLS are skipped: install the `openssl` command to run them.");
    return false;
  }
})();

interface Identity {
  key: string;
  cert: string;
}

/** Makes a self-signed certificate for a host. */
function identityOf(host: string): Identity {
  const folder = mkdtempSync(join(tmpdir(), "chat-tls-"));
  try {
    const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
    const elliptic = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    const subject = ["-subj", `/CN=${host}`, "-addext", `subjectAltName=DNS:${host}`, "-days", "2"];
    execFileSync("openssl", ["req", "-x509", ...elliptic, ...subject, "-keyout", key, "-out", cert], { stdio: "pipe" });
    return { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const SYSTEM = getCACertificates("default");
const trust = ({ cert }: Identity) => setDefaultCACertificates([...SYSTEM, cert]);

/** Starts a server that answers each request in one piece. */
async function startTls(
  identity: Identity,
  options: TlsOptions = {},
  answer = (socket: TLSSocket) => void socket.write(OK),
) {
  const accepted: TLSSocket[] = [];
  /** Protocol of each socket, and whether the socket resumed an earlier session. */
  const sessions: [string | null, boolean][] = [];
  const server = createServer({ ...identity, ALPNProtocols: ["h2", "http/1.1"], ...options }, (socket) => {
    accepted.push(socket);
    sessions.push([socket.getProtocol(), socket.isSessionReused()]);
    socket.on("error", () => {}).on("data", () => answer(socket));
  });
  server.on("tlsClientError", () => {});
  return { port: await listen(server), accepted, sessions };
}

const askByTls = (port: number, more: object = {}, deadlineMs?: number) =>
  ask(port, { protocol: "https:", hostname: "localhost", headers: { host: "localhost" }, ...more }, deadlineMs);

describe.skipIf(!hasOpenssl)("a request over TLS", () => {
  let own: Identity;
  let others: Identity;
  beforeAll(() => {
    [own, others] = [identityOf("localhost"), identityOf("other.example")];
  });
  afterEach(() => setDefaultCACertificates(SYSTEM));

  test("is refused if the server's certificate isn't trusted", async () => {
    const { port } = await startTls(own);
    const error = await failureOf(askByTls(port));
    expect(error.code).toBe("DEPTH_ZERO_SELF_SIGNED_CERT");
  });

  test.each(["TLSv1.2", "TLSv1.3"] as const)(
    "is refused if the certificate is another host's, by %s",
    async (version) => {
      trust(others);
      const requests: string[] = [];
      const { port } = await startTls(others, { maxVersion: version }, () => {
        requests.push("a request");
      });
      // A session of the first handshake must not let the others through.
      for (let i = 0; i < 3; i++) {
        expect((await failureOf(askByTls(port))).code).toBe("ERR_TLS_CERT_ALTNAME_INVALID");
      }
      expect(requests).toEqual([]);
    },
  );

  test("is answered if the certificate is trusted and belongs to the server", async () => {
    trust(own);
    const { port, accepted } = await startTls(own);
    expect(await bodyOf(askByTls(port))).toBe("ok");
    expect(await bodyOf(askByTls(port))).toBe("ok");
    expect(accepted.map((socket) => [socket.alpnProtocol, (socket as { servername?: string }).servername])).toEqual([
      ["http/1.1", "localhost"],
    ]);
  });

  test("arrives unchanged, with a body of 1 MB both ways", async () => {
    trust(own);
    const server = createHttpsServer(own, (request, response) => request.pipe(response));
    const port = await listen(server as never);
    const bytes = Buffer.alloc(1_000_003, "naïve, 🌍! ");
    const { body } = await askByTls(port, { latin1: bytes.toString("latin1") });
    expect(body.equals(bytes)).toBe(true);
  });

  test.each(["TLSv1.2", "TLSv1.3"] as const)("resumes the session of an earlier socket, by %s", async (version) => {
    trust(own);
    const closing = OK.replace("content", "connection: close\r\ncontent");
    const { port, sessions } = await startTls(own, { maxVersion: version }, (socket) => void socket.write(closing));
    for (let i = 0; i < 3; i++) await askByTls(port);
    expect(sessions).toEqual([false, true, true].map((isResumed) => [version, isResumed]));
  });

  test("works with a server that has forgotten the session", async () => {
    trust(own);
    const closing = OK.replace("content", "connection: close\r\ncontent");
    const server = createServer(own, (socket) => socket.on("error", () => {}).on("data", () => socket.write(closing)));
    const port = await listen(server);
    await askByTls(port);
    server.setTicketKeys(Buffer.alloc(48, 1));
    expect(await bodyOf(askByTls(port))).toBe("ok");
  });

  test("fails with ECONNRESET if the server closes the socket during the handshake", async () => {
    const port = await listen(createTcpServer((socket: Socket) => void socket.once("data", () => socket.end())));
    expect(await failureOf(askByTls(port))).toMatchObject({ code: "ECONNRESET", wasKept: false });
  });

  test("fails at its deadline during the handshake", async () => {
    const port = await listen(createTcpServer(() => {}));
    expect(await failureOf(askByTls(port, {}, 40))).toBeInstanceOf(TimedOut);
  });

  test("gets a new socket after the server has closed an idle one", async () => {
    trust(own);
    const { port, accepted } = await startTls(own);
    await askByTls(port);
    const [first] = accepted as [TLSSocket];
    first.end();
    await once(first, "close");
    expect(await bodyOf(askByTls(port))).toBe("ok");
    expect(accepted.length).toBe(2);
  });
});
