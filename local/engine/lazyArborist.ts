/**
 * Pulumi loads npm's dependency resolver with its closure serializer but uses it only to list the packages of functions
 * that aren't bundled. Loading it takes half as long as the rest of Pulumi, so it is loaded on first use.
 */
import { Module } from "node:module";

export function loadArboristOnUse(requireByPulumi: NodeJS.Require): void {
  const file = requireByPulumi.resolve("@npmcli/arborist");
  const load = () => {
    delete requireByPulumi.cache[file];
    return requireByPulumi(file);
  };
  const standIn = new Module(file);
  standIn.loaded = true;
  // Marked as an ES module, because TypeScript's `import *` copies the properties of other modules and would run the
  // getters.
  standIn.exports = Object.defineProperties(
    {},
    { __esModule: { value: true }, Arborist: { get: () => load().Arborist } },
  );
  requireByPulumi.cache[file] = standIn;
}
