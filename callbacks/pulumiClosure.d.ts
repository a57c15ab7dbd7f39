// Parts of Pulumi's function serializer that it publishes without types.
declare module "@pulumi/pulumi/runtime/closure/parseFunction.js" {
  type Chains = ReadonlyMap<string, unknown>;
  export function parseFunction(
    text: string,
  ): [error: string, parsed?: { capturedVariables: { required: Chains; optional: Chains } }];
}
declare module "@pulumi/pulumi/runtime/closure/v8.js" {
  export function getFunctionLocationAsync(
    func: (...args: never[]) => unknown,
  ): Promise<{ file: string; line: number; column: number }>;
  export function lookupCapturedVariableValueAsync(
    func: (...args: never[]) => unknown,
    name: string,
    throwOnFailure: boolean,
  ): Promise<unknown>;
}
