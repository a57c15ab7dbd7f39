import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { withReference } from "../../components/reference.mts";

const README = new URL("../../components/README.md", import.meta.url);

test("the reference in components/README.md matches the components' types", async () => {
  const readme = await readFile(README, "utf8");
  expect(readme, 'to update it, run "npm run readme -w components"').toBe(withReference(readme));
  for (const [row] of readme.slice(readme.indexOf("## Reference")).matchAll(/^\|.*\|$/gm)) {
    expect({ row, isDescribed: !/\| +\|/.test(row) }).toEqual({ row, isDescribed: true });
  }
});
