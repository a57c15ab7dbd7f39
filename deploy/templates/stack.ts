/** CloudFormation template for the resources that one Pulumi stack needs before CI can deploy it. */

import { boundary } from "../policies/boundary.ts";
import { makingTagged, page, reads, resources, roles, testPeople } from "../policies/deploy.ts";
import { keyPolicy } from "../policies/key.ts";
import { readState, writeState } from "../policies/state.ts";
import { trustInWorkflow } from "../policies/trust.ts";
import {
  boundaryName,
  ciPath,
  deployRole,
  keyAlias,
  planEnvironment,
  planRole,
  previewRole,
  type Stack,
  type Target,
} from "../target.ts";
import { inline, RETAINED, type Resource, role, type Template } from "./resource.ts";

export function stackTemplate(target: Target, stack: Stack): Template {
  return {
    AWSTemplateFormatVersion: "2010-09-09",
    Description: `Resources that CI needs to deploy ${target.project}, stack ${stack.name}: key, boundary, roles. Created by deploy/bootstrap.ts.`,
    Resources: { ...previewing(target, stack), ...planning(target, stack), ...deploying(target, stack) },
  };
}

/** Role for pull requests of the repository. It can read the development stack but can't change anything. */
function previewing(target: Target, stack: Stack): Record<string, Resource> {
  if (!stack.isDevelopment) return {};
  const properties = { Policies: [inline("state", readState(target, stack))] };
  return { Preview: role(target, previewRole(target), trustInWorkflow(target, "pull_request"), properties) };
}

/**
 * Role for `main`, used before a person approves a change, and nightly. It can read the stack but can't change
 * anything.
 */
function planning(target: Target, stack: Stack): Record<string, Resource> {
  if (stack.isForPullRequests) return {};
  const trust = trustInWorkflow(target, `environment:${planEnvironment(stack)}`);
  const Policies = [inline("state", readState(target, stack)), inline("resources", reads(target, stack))];
  return { [`${logicalId(stack.name)}Plan`]: role(target, planRole(target, stack), trust, { Policies }) };
}

/** Role for a stack's GitHub environment, with the key for its secrets and the boundary of its roles. */
function deploying(target: Target, stack: Stack): Record<string, Resource> {
  const id = logicalId(stack.name);
  const people = testPeople(target, stack);
  const policies = [
    inline("state", writeState(target, stack)),
    inline("roles", roles(target, stack)),
    inline("resources", resources(target, stack)),
    // Some CloudFront resources can't be identified by tags, so pull requests have no page.
    stack.isForPullRequests ? inline("made", makingTagged(target)) : inline("page", page(target, stack)),
    ...(people === undefined ? [] : [inline("test-people", people)]),
  ];
  return {
    [`${id}Boundary`]: {
      Type: "AWS::IAM::ManagedPolicy",
      Properties: {
        ManagedPolicyName: boundaryName(target, stack),
        Path: ciPath(target),
        Description: `The most that a function of ${target.project}, stack ${stack.name}, may do`,
        PolicyDocument: boundary(target, stack),
      },
    },
    [`${id}Deploy`]: role(target, deployRole(target, stack), trustInWorkflow(target, `environment:${stack.name}`), {
      Policies: policies,
    }),
    [`${id}Key`]: {
      Type: "AWS::KMS::Key",
      ...RETAINED,
      // A key policy can only name roles that exist.
      DependsOn: [
        `${id}Deploy`,
        ...(stack.isForPullRequests ? [] : [`${id}Plan`]),
        ...(stack.isDevelopment ? ["Preview"] : []),
      ],
      Properties: {
        Description: `Secrets of ${target.project}, stack ${stack.name}`,
        EnableKeyRotation: true,
        KeyPolicy: keyPolicy(target, stack),
      },
    },
    [`${id}KeyAlias`]: {
      Type: "AWS::KMS::Alias",
      ...RETAINED,
      Properties: { AliasName: keyAlias(target, stack), TargetKeyId: { Ref: `${id}Key` } },
    },
  };
}

/** `Prod` for `prod`, `PrEu` for `pr-eu`. */
function logicalId(name: string): string {
  return name.replace(/(^|-)([a-z0-9])/g, (_, __, letter: string) => letter.toUpperCase());
}
