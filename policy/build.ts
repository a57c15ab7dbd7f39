/**
 * `npm run policy:build`: bundles the pack, its command line and `accept()` for programs, together with the catalog of
 * AWS actions and the rules' pages.
 */
import { copyFile, cp, mkdir, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));

await import("../iam/buildCatalog.ts");
await rm(here("dist"), { recursive: true, force: true });
await mkdir(here("dist"));
await build({
  entryPoints: { pack: here("index.ts"), codeReader: here("codeReader.ts"), cli: here("cli/main.ts") },
  outdir: here("dist"),
  outExtension: { ".js": ".mjs" },
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  // The Node.js build of yaml is CommonJS, and its `require` of built-in modules fails in an ECMAScript module.
  alias: { yaml: here("../node_modules/yaml/browser/index.js") },
  // The engine has loaded these already.
  external: ["@pulumi/*"],
});
await build({
  entryPoints: [here("accept.ts")],
  outfile: here("dist/accept.cjs"),
  bundle: true,
  platform: "node",
  format: "cjs",
  target: "node20",
  external: ["@pulumi/*"],
});
await copyFile(here("accept.d.cts"), here("dist/accept.d.cts"));
// The engine passes every required file through TypeScript if a project allows JavaScript, which takes more than a
// second for a file as long as the pack. Imported files are left alone, except those that an import names with a
// literal.
await writeFile(here("dist/index.cjs"), 'const pack = "./pack.mjs";\nimport(pack);\n');
await copyFile(here("../iam/catalog.jsonl"), here("dist/catalog.jsonl"));
// Findings link to the rules' pages.
await cp(here("../docs/policy"), here("dist/docs"), { recursive: true });
