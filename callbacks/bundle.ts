import { join } from "node:path";
import * as esbuild from "esbuild";
import { hoistImports } from "./hoist";
import { serializeCallback } from "./serialize";
import { slimSdk } from "./slimSdk";

/** Where the callback's relative imports start: the folder of the program, wherever it is run from. */
const PROGRAM_FOLDER = join(__dirname, "..");

/**
 * Makes one minified CommonJS file of an inline callback; it exports `handler`.
 * The same source gives the same text, whatever the folder.
 *
 * @param name what errors call the function
 * @throws pulumi.RunError when the callback captures what cannot be shipped, or imports what cannot be found
 */
export async function bundleCallback(name: string, callback: (event: never) => Promise<unknown>): Promise<string> {
  const { text, imports } = hoistImports(await serializeCallback(name, callback));
  const entry = [
    ...imports.map((path, i) => `import * as m${i} from ${JSON.stringify(path)};`),
    `import factory from "callback";`,
    `export const handler = factory([${imports.map((_, i) => `m${i}`).join(", ")}]);`,
  ].join("\n");
  const { outputFiles } = await esbuild.build({
    stdin: { contents: entry, resolveDir: PROGRAM_FOLDER, sourcefile: "index.js" },
    absWorkingDir: PROGRAM_FOLDER,
    bundle: true,
    write: false,
    format: "cjs",
    platform: "node",
    target: "node24",
    minify: true,
    // ES modules first: the CommonJS builds of the SDK cannot be tree-shaken.
    mainFields: ["module", "main"],
    tsconfigRaw: {},
    legalComments: "none",
    logLevel: "silent",
    plugins: [slimSdk, callbackModule(text)],
  });
  return (outputFiles[0] as esbuild.OutputFile).text;
}

/** Serves the serialized text as a CommonJS module, since its `with` statements are not allowed in an ES module. */
function callbackModule(text: string): esbuild.Plugin {
  return {
    name: "callback",
    setup(build) {
      build.onResolve({ filter: /^callback$/ }, ({ path }) => ({ path, namespace: "callback" }));
      build.onLoad({ filter: /^callback$/, namespace: "callback" }, () => ({
        contents: `module.exports = (__imports) => { const exports = {}; ${text}\nreturn exports.handler; };`,
        loader: "js",
        resolveDir: PROGRAM_FOLDER,
      }));
    },
  };
}
