// Parts of Pulumi's function serializer that it publishes without types.
declare module "@pulumi/pulumi/runtime/closure/parseFunction.js" {
  type Chains = ReadonlyMap<string, unknown>;
  export function parseFunction(text: string): [error: string, parsed?: { capturedVariables: { required: Chains; optional: Chains } }];
}
declare module "@pulumi/pulumi/runtime/closure/v8.js" {
  // biome-ignore lint/complexity/noBannedTypes: any function may be looked into
  export function lookupCapturedVariableValueAsync(func: Function, name: string, throwOnFailure: boolean): Promise<unknown>;
}
