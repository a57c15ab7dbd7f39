/** Building blocks of the CloudFormation templates. */

import type { Document } from "../policies/document.ts";
import { ciPath, type Target } from "../target.ts";

export interface Template {
  AWSTemplateFormatVersion: "2010-09-09";
  Description: string;
  Resources: Record<string, Resource>;
}

export interface Resource {
  Type: string;
  DependsOn?: string[];
  DeletionPolicy?: "Retain";
  UpdateReplacePolicy?: "Retain";
  Properties: Record<string, unknown>;
}

/** Deletion and replacement policies of resources that hold data, or that other stacks in the account use. */
export const RETAINED = { DeletionPolicy: "Retain", UpdateReplacePolicy: "Retain" } as const;

export function role(target: Target, name: string, trust: Document, properties: Record<string, unknown>): Resource {
  return {
    Type: "AWS::IAM::Role",
    Properties: { RoleName: name, Path: ciPath(target), AssumeRolePolicyDocument: trust, ...properties },
  };
}

export function inline(name: string, policy: Document): { PolicyName: string; PolicyDocument: Document } {
  return { PolicyName: name, PolicyDocument: policy };
}
