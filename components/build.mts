/** `npm run build`: builds the published files, with their types, as CommonJS, like most Pulumi programs. */
import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import ts from "typescript";

/** Files that callback bundles contain in place of parts of the SDK. */
const STAND_INS = ["environmentCredentials.ts", "noEndpointDiscovery.ts", "noEventStreams.ts"];

await rm(pathOf("dist"), { recursive: true, force: true });
await mkdir(pathOf("dist"));
await build({
  // The bundler is a file of its own, because the local cloud loads it directly.
  entryPoints: [pathOf("index.ts"), pathOf("../callbacks/bundler.ts")],
  outdir: pathOf("dist"),
  entryNames: "[name]",
  bundle: true,
  packages: "external",
  format: "cjs",
  platform: "node",
  target: "node22",
  legalComments: "none",
});
for (const file of STAND_INS) await copyFile(pathOf(`../callbacks/${file}`), pathOf(`dist/${file}`));
for (const [name, text] of await declarations()) await writeFile(pathOf(`dist/${name}.d.ts`), text);

/** Type declarations of the entry point and of all modules that it imports, directly or indirectly, by module name. */
async function declarations(): Promise<Map<string, string>> {
  const { config } = ts.readConfigFile(pathOf("../tsconfig.json"), ts.sys.readFile);
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, pathOf(".."));
  const compilerOptions = { ...options, noEmit: false, declaration: true, isolatedDeclarations: true };
  const texts = new Map<string, string>();
  const waiting = ["index"];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const fileName = pathOf(`${name}.ts`);
    const source = await readFile(fileName, "utf8");
    const { outputText, diagnostics = [] } = ts.transpileDeclaration(source, { fileName, compilerOptions });
    const [first] = diagnostics;
    if (first) throw new Error(`${basename(fileName)}: ${ts.flattenDiagnosticMessageText(first.messageText, "\n")}`);
    texts.set(name, outputText);
    for (const [, imported] of outputText.matchAll(/from "\.\/(\w+)"/g))
      if (!texts.has(imported as string)) waiting.push(imported as string);
  }
  return texts;
}

function pathOf(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}
