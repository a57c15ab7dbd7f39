import { basename, join } from "node:path";
import * as esbuild from "esbuild";
import { BundleCache } from "./bundleCache";
import { hoistImports } from "./hoist";
import { serializeCallback } from "./serialize";
import { slimSdk } from "./slimSdk";

/** Where the callback's relative imports start: the folder of the program, wherever it is run from. */
const PROGRAM_FOLDER = join(__dirname, "..");

/**
 * Makes one minified CommonJS file of an inline callback; it exports `handler`.
 * The same source gives the same text, whatever the folder and whatever other callbacks the program has.
 *
 * @param name what errors call the function
 * @throws pulumi.RunError when the callback captures what cannot be shipped
 * @throws Error naming what is imported and cannot be found
 */
export async function bundleCallback(name: string, callback: (event: never) => Promise<unknown>): Promise<string> {
  underWay += 1;
  try {
    const serialized = hoistImports(await serializeCallback(name, callback));
    return (
      cache.get(serialized) ??
      (await new Promise((resolve, reject) => {
        waiting.push({ serialized, resolve, reject });
        bundleWhenAllWait();
      }))
    );
  } finally {
    underWay -= 1;
    // Those that are left may have waited for this one.
    bundleWhenAllWait();
  }
}

interface Waiting {
  serialized: ReturnType<typeof hoistImports>;
  resolve: (text: string) => void;
  reject: (error: unknown) => void;
}

const cache = new BundleCache(PROGRAM_FOLDER);
/** Callbacks between their serialization and their bundle. */
let waiting: Waiting[] = [];
/** Callbacks between their start and their bundle. */
let underWay = 0;

/** The callbacks of a program are bundled in one go: the SDK is then parsed once, and not once for each. */
function bundleWhenAllWait(): void {
  if (waiting.length === 0 || waiting.length < underWay) return;
  const batch = waiting;
  waiting = [];
  void bundle(batch.map(({ serialized }) => serialized)).then(
    (texts) => {
      for (const [i, { resolve }] of batch.entries()) resolve(texts[i] as string);
    },
    (error) => {
      if (batch.length === 1) batch[0]?.reject(error);
      // One of them is at fault; the others are not to be told.
      else for (const one of batch) bundle([one.serialized]).then(([text]) => one.resolve(text as string), one.reject);
    },
  );
}

async function bundle(callbacks: Waiting["serialized"][]): Promise<string[]> {
  const { outputFiles, metafile } = await esbuild.build({
    entryPoints: callbacks.map((_, i) => ({ in: `callback:entry:${i}`, out: String(i) })),
    absWorkingDir: PROGRAM_FOLDER,
    outdir: ".",
    bundle: true,
    write: false,
    metafile: true,
    format: "cjs",
    platform: "node",
    target: "node24",
    minify: true,
    // ES modules first: the CommonJS builds of the SDK cannot be tree-shaken.
    mainFields: ["module", "main"],
    tsconfigRaw: {},
    legalComments: "none",
    logLevel: "silent",
    plugins: [slimSdk, callbackModules(callbacks)],
  });
  const textOf = new Map(outputFiles.map(({ path, text }) => [basename(path, ".js"), text]));
  return callbacks.map((callback, i) => {
    const text = textOf.get(String(i)) as string;
    cache.put(callback, text, filesOf(metafile, `callback:callback:entry:${i}`));
    return text;
  });
}

/**
 * Every file that was read for an entry, also those of which nothing is left in the bundle.
 *
 * @param entry its namespace and path
 */
function filesOf({ inputs }: esbuild.Metafile, entry: string): string[] {
  const seen = new Set([entry]);
  for (const path of seen) {
    const file = inputs[path];
    if (file === undefined) throw new Error(`esbuild does not say what ${path} imports`);
    for (const imported of file.imports) if (!imported.external) seen.add(imported.path);
  }
  return [...seen].filter((path) => !path.startsWith("callback:"));
}

/**
 * Serves, for each callback, an ES module that imports what the callback imports and exports the handler, and the
 * serialized text as a CommonJS module, since its `with` statements are not allowed in an ES module.
 */
function callbackModules(callbacks: Waiting["serialized"][]): esbuild.Plugin {
  return {
    name: "callbacks",
    setup(build) {
      build.onResolve({ filter: /^callback:(entry|text):\d+$/ }, ({ path }) => ({ path, namespace: "callback" }));
      build.onLoad({ filter: /./, namespace: "callback" }, ({ path }) => {
        const [, part, index] = path.split(":");
        const { text, imports } = callbacks[Number(index)] as Waiting["serialized"];
        const contents = part === "entry" ? entryOf(imports, `callback:text:${index}`) : moduleOf(text);
        return { contents, loader: "js", resolveDir: PROGRAM_FOLDER };
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
