/** `npm run readme -w components`: writes the reference of README.md. */
import { readFile, writeFile } from "node:fs/promises";
import { withReference } from "./reference.mts";

const README = new URL("README.md", import.meta.url);

await writeFile(README, withReference(await readFile(README, "utf8")));
