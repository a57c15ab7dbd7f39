/** Bundles and minifies one entry point of this package. */
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** Source files by subpath of the package. */
export const ENTRIES = {
  index: "index.ts",
  store: "store/index.ts",
  fold: "fold/index.ts",
  publish: "publish/index.ts",
};

export async function bundleClient(entry: keyof typeof ENTRIES, format: "esm" | "cjs"): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [pathOf(ENTRIES[entry])],
    bundle: true,
    write: false,
    minify: true,
    format,
    platform: "neutral",
    // Syntax of 2022. The built-in functions used here have been in browsers since 2024 and in Node since version 22.
    target: "es2022",
    legalComments: "none",
  });
  return (outputFiles[0] as { text: string }).text;
}

export function pathOf(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}
