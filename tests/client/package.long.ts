/** Tests the published package in the form in which a project installs it. */
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundleClient } from "../../client/bundle.ts";
import { packageProblems } from "../packageProblems.ts";

const run = promisify(execFile);
const CLIENT = fileURLToPath(new URL("../../client", import.meta.url));
const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const NAME = "@serverless-chat/client";

/** A project with nothing but the package. */
let project: string;
let installed: string;
let tarball: string;
beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), "chat-package-"));
  installed = join(project, "node_modules", NAME);
  const { stdout } = await run("npm", ["pack", "--json", "--pack-destination", project], { cwd: CLIENT });
  // The output of `prepack` comes before the JSON.
  const [{ filename }] = JSON.parse(stdout.slice(stdout.search(/^\[/m)));
  tarball = join(project, filename);
  await run("tar", ["-xzf", filename], { cwd: project });
  await mkdir(join(project, "node_modules", "@serverless-chat"), { recursive: true });
  await cp(join(project, "package"), installed, { recursive: true });
  await rm(join(project, "package"), { recursive: true });
  await writeFile(join(project, "package.json"), '{ "name": "app", "version": "1.0.0" }');
});
afterAll(() => rm(project, { recursive: true, force: true }));

/** The output of a program run in the project. */
async function sayOf(file: string, text: string): Promise<string> {
  await writeFile(join(project, file), text);
  const { stdout } = await run(process.execPath, [file], { cwd: project });
  return stdout.trim();
}

/** Uses something from each entry point. */
const USE = `
  class Silent { readyState = 0; send() {} close() {} }
  const client = new Client({ url: "wss://chat.example", token: async () => "t", WebSocket: Silent });
  const outgoing = client.room("caf\\u0065\\u0301").send("hi");
  const fold = new Fold();
  fold.add([{ seq: 1, kind: "message", id: "a", user: { id: "ana", name: "Ana" }, sentAt: 1, text: "hi" }]);
  fileStore("nothing here.json").load().then((stored) => {
    client.close();
    console.log(JSON.stringify([
      client.room("caf\\u00e9").outgoing[0] === outgoing, client.state.name, new ChatError("CLOSED", "") instanceof Error,
      fold.messages[0].text, stored, typeof indexedDbStore, typeof publish,
    ]));
    process.exit();
  });`;
const USED = JSON.stringify([true, "closed", true, "hi", [], "function", "function"]);

describe("the package", () => {
  test("contains the build and nothing else", async () => {
    expect((await readdir(installed)).sort()).toEqual(["README.md", "dist", "package.json"]);
    const built = ["cjs", "d.cts", "d.ts", "js"].flatMap((end) =>
      ["fold", "index", "publish", "store"].map((name) => `${name}.${end}`),
    );
    expect((await readdir(join(installed, "dist"))).sort()).toEqual(built.sort());
  });

  test("has entry points and types that pass publint and attw", async () => {
    expect(await packageProblems(installed, tarball)).toEqual([]);
  });

  test("has no dependencies, declared or undeclared", async () => {
    const said = JSON.parse(await readFile(join(installed, "package.json"), "utf8"));
    for (const kind of ["dependencies", "peerDependencies", "optionalDependencies", "bundledDependencies"])
      expect(said[kind] ?? {}).toEqual({});
    for (const file of await readdir(join(installed, "dist"))) {
      const text = await readFile(join(installed, "dist", file), "utf8");
      expect({ file, imports: text.match(/\b(?:from|import|require)\s*\(?\s*["'][^"']+["']/g) ?? [] }).toEqual({
        file,
        imports: [],
      });
    }
  });

  test("works when loaded with import", async () => {
    const program = `
      import { ChatError, Client } from "${NAME}";
      import { fileStore, indexedDbStore } from "${NAME}/store";
      import { Fold } from "${NAME}/fold";
      import { publish } from "${NAME}/publish";
      ${USE}`;
    expect(await sayOf("app.mjs", program)).toBe(USED);
  });

  test("works when loaded with require", async () => {
    const program = `
      const { ChatError, Client } = require("${NAME}");
      const { fileStore, indexedDbStore } = require("${NAME}/store");
      const { Fold } = require("${NAME}/fold");
      const { publish } = require("${NAME}/publish");
      ${USE}`;
    expect(await sayOf("app.cjs", program)).toBe(USED);
  });

  test("exposes no internal modules", async () => {
    const program = `import("${NAME}/dist/index.js").catch(({ code }) => console.log(code));`;
    expect(await sayOf("inside.mjs", program)).toBe("ERR_PACKAGE_PATH_NOT_EXPORTED");
  });

  test("has types for import and require that need no other packages", async () => {
    const typed = `
      const client: Client = new Client({ url: "wss://chat.example", token: async () => "t", store: fileStore("a.json") });
      const sub: Subscription = client.room().subscribe({ entries: (entries) => entries.map(({ seq }) => seq.toFixed()) });
      client.onState((state) => { if (state.name === "waiting") state.cause.retryAfterMs?.toFixed(); });
      const fold = new Fold();
      const text: string | undefined = fold.message(1)?.text;
      // @ts-expect-error there is no such option
      new Client({ url: "wss://chat.example", token: async () => "t", color: "red" });
      // @ts-expect-error a string is expected
      client.room().send(7);
      const lambda = { invoke: async () => ({ Payload: new Uint8Array() }) };
      const published = publish({ lambda, functionArn: "arn", service: "billing" }, [{ room: "lobby", text: "hi" }]);
      published.then(([first]) => (first?.error === undefined ? first?.seq.toFixed() : first.error.code));
      export const all = [sub, text, indexedDbStore("name")];`;
    await writeFile(
      join(project, "typed.mts"),
      `import { Client, type Subscription } from "${NAME}";
       import { fileStore, indexedDbStore } from "${NAME}/store";
       import { Fold } from "${NAME}/fold";
      import { publish } from "${NAME}/publish";
       ${typed}`,
    );
    await writeFile(
      join(project, "typed.cts"),
      `import { Client, type Subscription } from "${NAME}";
       import { fileStore, indexedDbStore } from "${NAME}/store";
       import { Fold } from "${NAME}/fold";
      import { publish } from "${NAME}/publish";
       ${typed}`,
    );
    const compilerOptions = {
      module: "nodenext",
      target: "es2022",
      lib: ["es2022"],
      types: [],
      strict: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
      skipLibCheck: false,
    };
    await writeFile(
      join(project, "tsconfig.json"),
      JSON.stringify({ compilerOptions, files: ["typed.mts", "typed.cts"] }),
    );
    const tsc = run(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), "-p", project]);
    expect(
      await tsc.then(
        () => "",
        ({ stdout }) => stdout,
      ),
    ).toBe("");
  });

  test("can be bundled for browsers, with all of its entry points", async () => {
    const { outputFiles, warnings } = await build({
      stdin: {
        contents: `export * from "${NAME}"; export * from "${NAME}/store"; export * from "${NAME}/fold"; export { publish } from "${NAME}/publish";`,
        resolveDir: project,
      },
      bundle: true,
      write: false,
      format: "esm",
      platform: "browser",
    });
    expect(warnings).toEqual([]);
    expect(outputFiles[0]?.text).not.toMatch(/^import /m);
  });

  test("publishes a core of at most 8,192 bytes, minified and gzipped", async () => {
    const core = await bundleClient("index", "esm");
    expect(gzipSync(core, { level: 9 }).length).toBeLessThanOrEqual(8_192);
    expect(await readFile(join(installed, "dist/index.js"), "utf8")).toBe(core);
  });
});
