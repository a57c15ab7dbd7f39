import type { Draft } from "./draft.ts";
import type { Code } from "./functions/code.ts";
import type { Call } from "./rememberedRun.ts";

/** The result of running the program. */
export interface Run {
  outputs: Record<string, unknown>;
  /** Number of resources, without components. */
  resources: number;
  /** Hash of each resource's inputs, by URN. */
  inputs: Map<string, string>;
  functions: RegisteredFunction[];
  /** The program's calls to the provider, in the order of their answers. */
  calls: Call[];
  /** Whether the program has passed a secret to the engine. */
  hasSecrets: boolean;
  draft: Draft;
}

export interface RegisteredFunction {
  /** The resource's logical name. */
  logicalName: string;
  functionName: string;
  code: Code;
}
