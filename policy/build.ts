/** `npm run policy:build`: the pack as JavaScript, with the catalogue of AWS actions beside it. */
import { copyFile, mkdir, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));

await import("../iam/buildCatalogue.ts");
await rm(here("dist"), { recursive: true, force: true });
await mkdir(here("dist"));
await build({
  entryPoints: [here("index.ts")],
  outfile: here("dist/index.cjs"),
  bundle: true,
  platform: "node",
  format: "cjs",
  target: "node20",
  // What the engine has loaded already is not to be loaded twice. And the engine has all that is not in node_modules
  // read by TypeScript first, where a project allows JavaScript: with acorn in the bundle that took a second longer.
  external: ["@pulumi/*", "acorn"],
  define: { "import.meta.dirname": "__dirname" },
});
await copyFile(here("../iam/catalogue.jsonl"), here("dist/catalogue.jsonl"));
