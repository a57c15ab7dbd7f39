/** The defaults of Pulumi.yaml, which the engine adds to a stack's settings, equal the program's own. */
import { expect, test } from "vitest";
import { type Previewed, preview } from "../../local/preview.ts";
import { findStackConfig, readProject } from "../../stack/stackFiles.ts";
import { previewStack, ROOT } from "./stack.ts";

test("the program registers the same resources with and without the defaults of Pulumi.yaml", async () => {
  const { name, main, tsconfig, config } = await readProject(ROOT);
  const values = (await findStackConfig(ROOT, name, "dev"))?.values;
  const all = { "aws:region": "eu-central-1", ...config, ...values };
  const withDefaults = await preview({ folder: ROOT, project: name, stack: "dev", main, tsconfig, config: all });

  const inputsIn = ({ registrations }: Previewed) =>
    Object.fromEntries(registrations.map(({ urn, inputs }) => [urn, inputs]));
  expect(inputsIn(withDefaults)).toEqual(inputsIn(await previewStack("dev")));
});
