/** Bundling: from an inline callback to the file that Lambda receives. */
import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { preview } from "../../local/preview.ts";
import { codeOf, type Inputs, ofType, previewStack, ROOT } from "./stack.ts";

describe("a callback's captures", () => {
  let outcomes: Record<string, unknown>;

  beforeAll(async () => {
    const folder = join(ROOT, "tests/programs/captures");
    const program = { folder, project: "captures", stack: "dev", main: ".", tsconfig: "../../../tsconfig.pulumi.json" };
    ({ outputs: outcomes } = await preview({ ...program, config: { "aws:region": "eu-central-1" } }));
  });

  test.each([
    ["map", '"map", a Map'],
    ["set", '"set", a Set'],
    ["date", '"date", a Date'],
    ["instance", '"instance", an instance of Private'],
    ["symbol", '"symbol", a symbol'],
    ["plainClass", '"Plain", a class'],
    ["privateClass", '"Private", a class'],
    ["secret", '"secret", a Pulumi output'],
    ["unknown", '"unknown", a Pulumi output'],
    ["nested", '"settings.deep.created", a Date'],
    ["throughFunction", '"map", a Map'],
    ["bytes", '"bytes", a Uint8Array'],
    ["buffer", '"buffer", a Buffer'],
    ["arrayBuffer", '"arrayBuffer", an ArrayBuffer'],
    ["dataView", '"dataView", a DataView'],
    ["url", '"url", an instance of URL'],
    ["format", '"format", a NumberFormat'],
    ["weak", '"weak", a WeakRef'],
    ["error", '"error", a RangeError'],
    ["boxed", '"boxed", a String'],
    ["generator", '"generator", a Generator'],
    ["iterator", '"iterator", an Array Iterator'],
    ["getter", '"lazy", an object whose "now" is a getter'],
    ["getterOfMember", '"lazy", an object whose "now" is a getter'],
    ["nativeFunction", '"read", a Node.js function'],
  ])("are refused if they would change on the way to Lambda: %s", (name, said) => {
    expect(outcomes[name]).toContain(`the callback of function "${name}" captures ${said}`);
    expect(outcomes[name]).toMatch(/: (capture|import|pass) /);
    expect(outcomes[name]).not.toContain("hunter2");
  });

  test.each(["plain", "unusedNeighbor", "proto", "nothing", "list", "circle", "bare", "frozen", "odd", "jsonParse"])(
    "give the same result on Lambda as here: %s",
    (name) => {
      expect(outcomes[name]).toBe("ok");
    },
  );

  test("an import is resolved from the file that contains the callback", () => {
    expect(outcomes.greet).toBe("ok");
  });

  test("an import that leads nowhere is an error that names the path", () => {
    expect(outcomes.missingImport).toContain("./nowhere.js");
  });
});

describe("the archives", () => {
  let functions: Map<string, Inputs>;

  beforeAll(async () => {
    functions = ofType((await previewStack("dev")).registrations, "aws:lambda/function:Function");
  });

  test("are one file each, which loads in a plain Node process without other packages", async () => {
    const folder = await mkdtemp(join(tmpdir(), "archive-"));
    const variables: Record<string, object> = {};
    for (const [name, lambda] of functions) {
      expect(Object.keys(lambda.code.assets)).toEqual(["index.js"]);
      const required = [...codeOf(lambda).matchAll(/\brequire\("([^"]+)"\)/g)].map(([, module]) => module as string);
      expect(required.filter((module) => !isBuiltin(module))).toEqual([]);
      await writeFile(join(folder, `${name}.js`), codeOf(lambda));
      variables[name] = lambda.environment.variables;
    }
    // One process loads all functions, each with its own environment variables.
    const script = `const types = {};
      for (const [name, variables] of Object.entries(${JSON.stringify(variables)})) {
        process.env = { AWS_REGION: "eu-central-1", ...variables };
        types[name] = typeof require("./" + name + ".js").handler;
      }
      console.log(JSON.stringify(types));`;
    const loaded = execFileSync(process.execPath, ["-e", script], { cwd: folder, env: { PATH: process.env.PATH } });
    expect(JSON.parse(String(loaded))).toEqual(
      Object.fromEntries([...functions.keys()].map((name) => [name, "function"])),
    );
    await rm(folder, { recursive: true });
  });

  test("have a size of at most 240 KB", () => {
    for (const [name, lambda] of functions) {
      const bytes = Buffer.byteLength(codeOf(lambda));
      expect({ name, bytes, fits: bytes <= 240_000 }).toEqual({ name, bytes, fits: true });
    }
  });

  test("load their handlers at init, not in the first invocation: a function without its variables doesn't start", async () => {
    const folder = await mkdtemp(join(tmpdir(), "archive-"));
    await writeFile(join(folder, "index.js"), codeOf(functions.get("connect") as Inputs));
    const load = () => execFileSync(process.execPath, ["./index.js"], { cwd: folder, stdio: "pipe", env: {} });
    expect(load).toThrow(/the environment variable CONNECTIONS_TABLE is not set/);
    await rm(folder, { recursive: true });
  });
});
