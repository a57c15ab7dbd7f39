/**
 * Pulumi loads npm's dependency resolver with its closure serializer, and uses it only to list the packages of functions
 * that aren't bundled. It takes as long to load as half of Pulumi: here it is loaded with its first use.
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
  // TypeScript's `import *` copies the properties of other modules, and so would call the getters.
  standIn.exports = Object.defineProperties(
    {},
    { __esModule: { value: true }, Arborist: { get: () => load().Arborist } },
  );
  requireByPulumi.cache[file] = standIn;
}
