/** `npm run build`: builds the published files, for `import` and for `require`, with their types. */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import ts from "typescript";

const EXTERNAL = ["react", "@serverless-chat/client", "@serverless-chat/client/*"];

await rm(pathOf("dist"), { recursive: true, force: true });
await mkdir(pathOf("dist"));
for (const [format, extension] of [["esm", "js"] as const, ["cjs", "cjs"] as const]) {
  await build({
    entryPoints: [pathOf("index.ts")],
    outfile: pathOf(`dist/index.${extension}`),
    bundle: true,
    external: EXTERNAL,
    format,
    platform: "neutral",
    target: "es2022",
    legalComments: "none",
  });
}
for (const [name, text] of declarations()) {
  for (const [end, extension] of [["d.ts", "js"] as const, ["d.cts", "cjs"] as const]) {
    // A published declaration file refers to another one by the name of that one's JavaScript file.
    const linked = text.replaceAll(/(["']\.\/\w+)\.ts(["'])/g, `$1.${extension}$2`);
    await writeFile(pathOf(`dist/${name}.${end}`), linked);
  }
}

/** The package's type declarations, by module name. Those of other packages are imported, not included. */
function declarations(): Map<string, string> {
  const { config } = ts.readConfigFile(pathOf("../tsconfig.json"), ts.sys.readFile);
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, pathOf(".."));
  const emitted = { ...options, noEmit: false, declaration: true, emitDeclarationOnly: true, stripInternal: true };
  const program = ts.createProgram([pathOf("index.ts")], emitted);
  const texts = new Map<string, string>();
  for (const source of program.getSourceFiles()) {
    const folder = pathOf(".");
    if (source.isDeclarationFile || !source.fileName.startsWith(folder)) continue;
    program.emit(source, (_, text) => texts.set(basename(source.fileName, ".ts"), text));
  }
  return texts;
}

function pathOf(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}
