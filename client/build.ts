/** `npm run build`: builds the published files, for `import` and for `require`, with their types. */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { generateDtsBundle } from "dts-bundle-generator";
import { bundleClient, ENTRIES, pathOf } from "./bundle.ts";

await rm(pathOf("dist"), { recursive: true, force: true });
await mkdir(pathOf("dist"));
const entries = Object.keys(ENTRIES) as (keyof typeof ENTRIES)[];
const types = generateDtsBundle(
  entries.map((entry) => ({ filePath: pathOf(ENTRIES[entry]), output: { noBanner: true } })),
  { preferredConfigPath: pathOf("../tsconfig.json") },
);
for (const [i, entry] of entries.entries()) {
  await writeFile(pathOf(`dist/${entry}.js`), await bundleClient(entry, "esm"));
  await writeFile(pathOf(`dist/${entry}.cjs`), await bundleClient(entry, "cjs"));
  for (const extension of ["d.ts", "d.cts"]) await writeFile(pathOf(`dist/${entry}.${extension}`), types[i] as string);
}
