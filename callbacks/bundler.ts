/**
 * Bundles serialized callbacks. This file doesn't depend on Pulumi, and its relative import has a file extension,
 * because the local cloud loads it with plain Node to bundle again after a save.
 */
import { basename, join } from "node:path";
import * as esbuild from "esbuild";
import ownFolder from "./folder.cjs";
import { slimSdk } from "./slimSdk.ts";

/** A callback's text, and the path that replaces each `__imports[i]`. */
export interface SerializedCallback {
  text: string;
  imports: string[];
  /** Folder that relative imports start from, relative to the program's folder. */
  folder: string;
}

export interface Bundle {
  text: string;
  /**
   * Every file that was read, by path from the program's folder, including those that contribute nothing to the bundle.
   */
  files: string[];
}

/** Bundles the same callbacks repeatedly; unchanged files aren't read again. */
export interface Bundler {
  /** @throws Error that names the file, line and mistake, or an import that can't be found */
  bundle(): Promise<Bundle[]>;
  dispose(): Promise<void>;
}

/** @param programFolder folder that the paths of files are relative to */
export async function bundlerOf(programFolder: string, callbacks: SerializedCallback[]): Promise<Bundler> {
  const context = await esbuild.context({ ...optionsFor(programFolder, callbacks), metafile: true, write: false });
  return {
    bundle: async () => bundlesIn(await context.rebuild(), callbacks.length),
    dispose: () => context.dispose(),
  };
}

/** Bundles once. */
export async function bundle(programFolder: string, callbacks: SerializedCallback[]): Promise<Bundle[]> {
  const bundler = await bundlerOf(programFolder, callbacks);
  try {
    return await bundler.bundle();
  } finally {
    await bundler.dispose();
  }
}

function optionsFor(programFolder: string, callbacks: SerializedCallback[]): esbuild.BuildOptions {
  return {
    entryPoints: callbacks.map((_, i) => ({ in: `callback:entry:${i}`, out: String(i) })),
    absWorkingDir: programFolder,
    outdir: ".",
    bundle: true,
    format: "cjs",
    platform: "node",
    target: "node24",
    minify: true,
    // Prefers ES modules, because the SDK's CommonJS builds can't be tree-shaken.
    mainFields: ["module", "main"],
    tsconfigRaw: {},
    legalComments: "none",
    logLevel: "silent",
    plugins: [slimSdk(ownFolder), callbackModules(programFolder, callbacks)],
  };
}

type Built = esbuild.BuildResult<{ metafile: true; write: false }>;

function bundlesIn({ outputFiles, metafile }: Built, count: number): Bundle[] {
  const textOf = new Map(outputFiles.map(({ path, text }) => [basename(path, ".js"), text]));
  return Array.from({ length: count }, (_, i) => ({
    text: textOf.get(String(i)) as string,
    files: filesOf(metafile, `callback:callback:entry:${i}`),
  }));
}

/** @param entry namespace and path of the bundle's entry point */
function filesOf({ inputs }: esbuild.Metafile, entry: string): string[] {
  const seen = new Set([entry]);
  for (const path of seen) {
    const file = inputs[path];
    if (file === undefined) throw new Error(`esbuild doesn't say what ${path} imports`);
    for (const imported of file.imports) if (!imported.external) seen.add(imported.path);
  }
  return [...seen].filter((path) => !path.startsWith("callback:"));
}

/**
 * Serves two modules for each callback: an ES module, which imports what the callback imports and exports its handler,
 * and a CommonJS module with the serialized text, because an ES module can't contain the text's `with` statements.
 */
function callbackModules(programFolder: string, callbacks: SerializedCallback[]): esbuild.Plugin {
  return {
    name: "callbacks",
    setup(build) {
      build.onResolve({ filter: /^callback:(entry|text):\d+$/ }, ({ path }) => ({ path, namespace: "callback" }));
      build.onLoad({ filter: /./, namespace: "callback" }, ({ path }) => {
        const [, part, index] = path.split(":");
        const { text, imports, folder } = callbacks[Number(index)] as SerializedCallback;
        const contents = part === "entry" ? entryOf(imports, `callback:text:${index}`) : moduleOf(text);
        return { contents, loader: "js", resolveDir: join(programFolder, folder) };
      });
    },
  };
}

function entryOf(imports: string[], callback: string): string {
  return [
    ...imports.map((path, i) => `import * as m${i} from ${JSON.stringify(path)};`),
    `import factory from ${JSON.stringify(callback)};`,
    `export const handler = factory([${imports.map((_, i) => `m${i}`).join(", ")}]);`,
  ].join("\n");
}

function moduleOf(text: string): string {
  return `module.exports = (__imports) => { const exports = {}; ${text}\nreturn exports.handler; };`;
}
