/** The supported functions of Pulumi's AWS provider, by token. */
import { policyDocument } from "./iam/policyDocument.ts";
import type { Inputs, Place } from "./model.ts";

export const INVOKES: Record<string, (args: Inputs, place: Place) => Record<string, unknown>> = {
  "aws:iam/getPolicyDocument:getPolicyDocument": policyDocument,
  "aws:index/getAvailabilityZones:getAvailabilityZones": (_, { region }) => ({
    id: region,
    groupNames: [region],
    names: ["a", "b", "c"].map((zone) => `${region}${zone}`),
    zoneIds: ["az1", "az2", "az3"].map((zone) => `${region}-${zone}`),
  }),
  "aws:index/getCallerIdentity:getCallerIdentity": (_, { accountId }) => ({
    accountId,
    arn: `arn:aws:iam::${accountId}:user/local`,
    id: accountId,
    userId: "AIDALOCAL",
  }),
  "aws:index/getRegion:getRegion": (_, { region }) => ({ id: region, name: region, region, description: region }),
  "aws:index/getPartition:getPartition": () => ({
    id: "aws",
    partition: "aws",
    dnsSuffix: "amazonaws.com",
    reverseDnsPrefix: "com.amazonaws",
  }),
};
