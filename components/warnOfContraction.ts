/**
 * Warns, in a preview, if the update would remove permissions or settings from a function whose code also changes. The
 * engine updates a role's policy before the function, and the AWS provider updates a function's configuration before
 * its code. For some seconds, the old code would therefore run without permissions and settings that it may still need.
 */
import { randomUUID } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { type LostGrant, lostGrants } from "./lostGrants";

/** Hooks for the resources of one function. */
export interface ContractionHooks {
  /** Options of each of its role's policies. */
  ofPolicy: Pick<pulumi.CustomResourceOptions, "hooks">;
  /** Options of the function, which must depend on the policies. */
  ofFunction: Pick<pulumi.CustomResourceOptions, "hooks">;
}

/**
 * Creates hooks for updates only. When a policy or a function is created, replaced or deleted, no old code lacks
 * anything: a deleted policy, for example, is deleted last.
 *
 * @param component the warning appears next to this component, which must already be registered
 */
export function warnOfContraction(component: pulumi.ComponentResource, functionName: string): ContractionHooks {
  if (!isPreview()) return { ofPolicy: {}, ofFunction: {} };
  const lost: LostGrant[] = [];
  return {
    ofPolicy: beforeUpdate(({ oldInputs, newInputs }) => {
      lost.push(...lostGrants(oldInputs?.policy, newInputs?.policy));
    }),
    ofFunction: beforeUpdate(async ({ oldInputs, newInputs }) => {
      const variables = lostVariables(oldInputs, newInputs);
      if (lost.length + variables.length === 0) return;
      if ((await codeIn(oldInputs)) === (await codeIn(newInputs))) return;
      await pulumi.log.warn(contractionWarning(functionName, lost, variables), component);
    }),
  };
}

/** Text of the warning in the preview. */
export function contractionWarning(functionName: string, lost: LostGrant[], variables: string[]): string {
  const taken = [
    ...lost.map(({ action, resource }) => `  ${action} on ${resource}`),
    ...variables.map((variable) => `  the environment variable ${variable}`),
  ];
  return `${functionName} loses what its current code may need, a few seconds before it gets the new code:
${taken.join("\n")}
If the current code uses it, calls fail in the meantime. To avoid that, deploy twice: first the code that no longer uses it, then the rest.`;
}

/** Whether to create hooks: only in a preview, because those of an actual update would become part of the state. */
function isPreview(): boolean {
  // Pulumi's mocks have no hooks.
  return pulumi.runtime.isDryRun() && typeof pulumi.runtime.getMonitor()?.registerResourceHook === "function";
}

function beforeUpdate(run: pulumi.ResourceHookFunction): Pick<pulumi.CustomResourceOptions, "hooks"> {
  return { hooks: { beforeUpdate: [new pulumi.ResourceHook(randomUUID(), run, { onDryRun: true })] } };
}

type Inputs = Record<string, unknown> | undefined;

function lostVariables(before: Inputs, after: Inputs): string[] {
  const left = variablesOf(after);
  return Object.keys(variablesOf(before)).filter((variable) => !Object.hasOwn(left, variable));
}

function variablesOf(inputs: Inputs): Record<string, unknown> {
  return (inputs?.environment as { variables?: Record<string, unknown> } | undefined)?.variables ?? {};
}

/** Path of the file with a function's code. The path contains a hash of the code: different code, different path. */
async function codeIn(inputs: Inputs): Promise<string | undefined> {
  const assets = await (inputs?.code as Partial<pulumi.asset.AssetArchive> | undefined)?.assets;
  return (assets?.["index.js"] as pulumi.asset.FileAsset | undefined)?.path;
}
