/** Declares what Pulumi's types lack: the placeholders for unknown values in the resources that policies receive. */
import "@pulumi/policy/proxy.js";

declare module "@pulumi/policy/proxy.js" {
  export const unknownStringValue: string;
  export const unknownArrayValue: string;
  export const unknownObjectValue: string;
  export const unknownNumberValue: string;
  export const unknownBooleanValue: string;
  export const unknownAssetValue: string;
  export const unknownArchiveValue: string;
}
