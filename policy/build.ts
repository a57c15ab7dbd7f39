/** `npm run policy:build`: the pack as JavaScript, with the catalog of AWS actions beside it. */
import { copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));

await import("../iam/buildCatalog.ts");
await rm(here("dist"), { recursive: true, force: true });
await mkdir(here("dist"));
await build({
  entryPoints: { pack: here("index.ts"), codeReader: here("codeReader.ts") },
  outdir: here("dist"),
  outExtension: { ".js": ".mjs" },
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  // What the engine has loaded already is not to be loaded twice.
  external: ["@pulumi/*"],
});
// The engine has TypeScript read every file that is required, where a project allows JavaScript: a second and a half for
// a file as long as the pack. What is imported is left alone.
await writeFile(here("dist/index.cjs"), 'import("./pack.mjs");\n');
await copyFile(here("../iam/catalog.jsonl"), here("dist/catalog.jsonl"));
