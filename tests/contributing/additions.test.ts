import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../program/stack.ts";
import { additions } from "./additions.ts";

test("each place that CONTRIBUTING.md names for an addition occurs exactly once in its file", async () => {
  const existing = (await additions()).filter(({ before }) => before !== undefined);
  expect(existing).toHaveLength(5);
  for (const { file, before } of existing) {
    const source = await readFile(join(ROOT, file), "utf8");
    expect(source.split(before as string), `${file}: ${before}`).toHaveLength(2);
  }
});
