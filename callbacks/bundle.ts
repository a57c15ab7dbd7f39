import { channel } from "node:diagnostics_channel";
import { extname, join } from "node:path";
import { BundleCache } from "./bundleCache";
import { type Bundle, bundle as bundleOnce, type SerializedCallback } from "./bundler";
import { writeCode } from "./codeFile";
import { hoistImports } from "./hoist";
import { serializeCallback } from "./serialize";
import { sourceFolderOf } from "./sourceFolder";

/** The program's folder, in which Pulumi runs it, wherever the command was typed. */
const PROGRAM_FOLDER = process.cwd();
/** The bundler's file: TypeScript if this code runs from source, JavaScript if it is published. */
const BUNDLER = join(__dirname, `bundler${extname(__filename)}`);

/** Data that is published for each bundle, so that the local cloud can rebuild it when one of its files has changed. */
export interface Bundled extends Omit<Bundle, "text"> {
  /** Path of the file with its text, relative to the program's folder. */
  path: string;
  callback: SerializedCallback;
  programFolder: string;
  /** Path of the module that bundles callbacks. */
  bundler: string;
}

const bundled = channel("callbacks:bundled");

/**
 * Turns an inline callback into one minified CommonJS file that exports `handler`. The same source gives the same text,
 * whatever its folder and whatever other callbacks the program has.
 *
 * @param name name of the function in errors
 * @returns the path of the file, relative to the folder that the program runs in
 * @throws pulumi.RunError if the callback captures a value that can't be shipped
 * @throws Error that names an import that can't be found
 */
export async function bundleCallback(name: string, callback: (event: never) => Promise<unknown>): Promise<string> {
  underWay += 1;
  try {
    const serialized = {
      ...hoistImports(await serializeCallback(name, callback)),
      folder: await sourceFolderOf(callback),
    };
    const bundle =
      cache.get(serialized) ??
      (await new Promise<Bundle>((resolve, reject) => {
        waiting.push({ serialized, resolve, reject });
        bundleWhenAllWait();
      }));
    const path = await writeCode(bundle.text);
    bundled.publish({
      path,
      files: bundle.files,
      callback: serialized,
      programFolder: PROGRAM_FOLDER,
      bundler: BUNDLER,
    } satisfies Bundled);
    return path;
  } finally {
    underWay -= 1;
    // The other callbacks may have waited for this one.
    bundleWhenAllWait();
  }
}

interface Waiting {
  serialized: SerializedCallback;
  resolve: (bundle: Bundle) => void;
  reject: (error: unknown) => void;
}

const cache = new BundleCache(PROGRAM_FOLDER);
/** Callbacks that are serialized but not bundled yet. */
let waiting: Waiting[] = [];
/** Number of callbacks that are being serialized or bundled. */
let underWay = 0;

/** Bundles a program's callbacks together, so that the SDK is parsed once instead of once for each callback. */
function bundleWhenAllWait(): void {
  if (waiting.length === 0 || waiting.length < underWay) return;
  const batch = waiting;
  waiting = [];
  void bundle(batch.map(({ serialized }) => serialized)).then(
    (bundles) => {
      for (const [i, { resolve }] of batch.entries()) resolve(bundles[i] as Bundle);
    },
    (error) => {
      if (batch.length === 1) batch[0]?.reject(error);
      // Only one of the callbacks is at fault, so the others must not fail with its error.
      else for (const one of batch) bundle([one.serialized]).then(([made]) => one.resolve(made as Bundle), one.reject);
    },
  );
}

async function bundle(callbacks: SerializedCallback[]): Promise<Bundle[]> {
  const bundles = await bundleOnce(PROGRAM_FOLDER, callbacks);
  for (const [i, callback] of callbacks.entries()) cache.put(callback, bundles[i] as Bundle);
  return bundles;
}
