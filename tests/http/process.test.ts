/** Tests what the client does to its process: it neither keeps it running for idle sockets nor crashes it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { beforeAll, expect, test } from "vitest";
import { OK, startRaw } from "./servers.ts";

let client: string;
beforeAll(async () => {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("../../chat/http/exchange.ts", import.meta.url))],
    bundle: true,
    platform: "node",
    format: "iife",
    globalName: "client",
    write: false,
  });
  client = outputFiles[0]?.text as string;
});

/** Runs a program that may call `ask(path)` in a process of its own. @returns its output and its exit code */
async function run(port: number, program: string) {
  const source = `${client}
    const ask = (path, deadlineMs) => client.exchange({
      protocol: "http:", hostname: "127.0.0.1", port: ${port}, method: "POST", path, headers: { host: "x" }, latin1: "",
    }, deadlineMs);
    (async () => { ${program} })();`;
  const child = spawn(process.execPath, ["--eval", source], { stdio: ["ignore", "pipe", "inherit"], timeout: 8_000 });
  let output = "";
  child.stdout.on("data", (text) => {
    output += text;
  });
  const [code] = await once(child, "close");
  return { output, code };
}

test("a process can exit while idle sockets are kept, but not before its requests are answered", async () => {
  // The server leaves all sockets open.
  const { port, sockets } = await startRaw(({ socket }, count) => {
    setTimeout(() => socket.write(OK.replace("ok", `#${count}`)), 50);
  });
  const program = `
    await Promise.all([ask("/"), ask("/")]);
    // The second request of a socket has to keep the process running, too.
    console.log((await ask("/")).body.toString());`;
  expect(await run(port, program)).toEqual({ output: "#3\n", code: 0 });
  expect(sockets.length).toBe(2);
});

test("no failure of a socket crashes the process", async () => {
  const { port } = await startRaw(({ socket, text }) => {
    const path = text.split(" ")[1];
    if (path === "/reset") return void socket.resetAndDestroy();
    if (path === "/hang") return;
    if (path === "/malformed") return void socket.write("malformed\r\n\r\n");
    socket.write(OK, () => {
      if (path === "/resetWhenIdle") setImmediate(() => socket.resetAndDestroy());
      if (path === "/unasked") setImmediate(() => socket.write(OK));
      if (path === "/nonsenseAtEnd") setImmediate(() => socket.end("nonsense"));
    });
  });
  const program = `
    const outcomes = [];
    for (const path of ["/reset", "/hang", "/malformed", "/resetWhenIdle", "/unasked", "/nonsenseAtEnd", "/"]) {
      outcomes.push(await ask(path, path === "/hang" ? 50 : 5_000).then(({ status }) => status, ({ name }) => name));
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    console.log(outcomes.join());`;
  expect(await run(port, program)).toEqual({
    output: "SocketClosed,TimedOut,MalformedResponse,200,200,200,200\n",
    code: 0,
  });
});
