// @vitest-environment happy-dom
/** The example in the package's README compiles and works. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { act, type ComponentType, createElement } from "react";
import { createRoot } from "react-dom/client";
import ts from "typescript";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { World } from "../client/virtual/world.ts";

const ROOT = new URL("../..", `file://${__filename}`).pathname;
(globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;

let folder: string;
let example: string;
beforeAll(async () => {
  // The folder is in the project, where React is found, but not in node_modules, where `paths` doesn't apply.
  await mkdir(join(ROOT, ".cache"), { recursive: true });
  folder = await mkdtemp(join(ROOT, ".cache", "readme-"));
  const readme = await readFile(join(ROOT, "react/README.md"), "utf8");
  example = /```tsx\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
  await writeFile(join(folder, "example.tsx"), example);
});
afterAll(() => rm(folder, { recursive: true, force: true }));
afterEach(() => vi.unstubAllGlobals());

test("the example has at most 40 lines and no type errors", () => {
  expect(example.trim().split("\n").length).toBeLessThanOrEqual(40);
  const { config } = ts.readConfigFile(join(ROOT, "tsconfig.json"), ts.sys.readFile);
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, ROOT);
  const program = ts.createProgram([join(folder, "example.tsx")], {
    ...options,
    jsx: ts.JsxEmit.ReactJSX,
    lib: ["lib.es2024.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"],
    types: [],
  });
  const errors = ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
  expect(errors).toEqual([]);
});

test("the example shows messages and sends what the user writes", async () => {
  const world = new World();
  world.server.write("lobby", "hello");
  vi.stubGlobal("WebSocket", world.server.WebSocket);
  vi.stubGlobal("fetch", async () => new Response("ana"));
  const outfile = join(folder, "example.mjs");
  await build({
    entryPoints: [join(folder, "example.tsx")],
    outfile,
    bundle: true,
    external: ["react", "react/*"],
    format: "esm",
    jsx: "automatic",
    tsconfig: join(ROOT, "tsconfig.json"),
  });
  const { App } = (await import(outfile)) as { App: ComponentType };
  const element = document.createElement("div");
  const root = createRoot(element);
  // The client uses the system's clock; the server's frames use the world's.
  const pass = () => act(() => world.pass());

  await act(async () => root.render(createElement(App)));
  await vi.waitFor(async () => {
    await pass();
    expect(element.textContent).toContain("BOB: hello");
  });

  const input = element.querySelector("input") as HTMLInputElement;
  await act(async () => {
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value")?.set?.call(input, "hi there");
    input.dispatchEvent(new Event("input", { bubbles: true }));
  });
  await act(async () => element.querySelector("form")?.requestSubmit());
  await vi.waitFor(async () => {
    await pass();
    expect(element.textContent).toContain("ANA: hi there");
  });
  await act(async () => root.unmount());
});
