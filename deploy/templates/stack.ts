/** CloudFormation template for the resources that one Pulumi stack needs before CI can deploy it. */
import {
  boundaryName,
  ciPath,
  deployRole,
  keyAlias,
  type Place,
  planEnvironment,
  planRole,
  previewRole,
  type Stack,
} from "../place.ts";
import { boundary } from "../policies/boundary.ts";
import { makingTagged, page, reads, resources, roles, testPeople } from "../policies/deploy.ts";
import { keyPolicy } from "../policies/key.ts";
import { readState, writeState } from "../policies/state.ts";
import { trustInWorkflow } from "../policies/trust.ts";
import { inline, RETAINED, type Resource, role, type Template } from "./resource.ts";

export function stackTemplate(place: Place, stack: Stack): Template {
  return {
    AWSTemplateFormatVersion: "2010-09-09",
    Description: `Resources that CI needs to deploy ${place.project}, stack ${stack.name}: key, boundary, roles. Created by deploy/bootstrap.ts.`,
    Resources: { ...previewing(place, stack), ...planning(place, stack), ...deploying(place, stack) },
  };
}

/** Role for pull requests of the repository. It can read the development stack but can't change anything. */
function previewing(place: Place, stack: Stack): Record<string, Resource> {
  if (!stack.isDevelopment) return {};
  const properties = { Policies: [inline("state", readState(place, stack))] };
  return { Preview: role(place, previewRole(place), trustInWorkflow(place, "pull_request"), properties) };
}

/**
 * Role for `main`, used before a person approves a change, and nightly. It can read the stack but can't change
 * anything.
 */
function planning(place: Place, stack: Stack): Record<string, Resource> {
  if (stack.isForPullRequests) return {};
  const trust = trustInWorkflow(place, `environment:${planEnvironment(stack)}`);
  const Policies = [inline("state", readState(place, stack)), inline("resources", reads(place, stack))];
  return { [`${logicalId(stack.name)}Plan`]: role(place, planRole(place, stack), trust, { Policies }) };
}

/** Role for a stack's GitHub environment, with the key for its secrets and the boundary of its roles. */
function deploying(place: Place, stack: Stack): Record<string, Resource> {
  const id = logicalId(stack.name);
  const people = testPeople(place, stack);
  const policies = [
    inline("state", writeState(place, stack)),
    inline("roles", roles(place, stack)),
    inline("resources", resources(place, stack)),
    // Some CloudFront resources can't be identified by tags, so pull requests have no page.
    stack.isForPullRequests ? inline("made", makingTagged(place)) : inline("page", page(place, stack)),
    ...(people === undefined ? [] : [inline("test-people", people)]),
  ];
  return {
    [`${id}Boundary`]: {
      Type: "AWS::IAM::ManagedPolicy",
      Properties: {
        ManagedPolicyName: boundaryName(place, stack),
        Path: ciPath(place),
        Description: `The most that a function of ${place.project}, stack ${stack.name}, may do`,
        PolicyDocument: boundary(place, stack),
      },
    },
    [`${id}Deploy`]: role(place, deployRole(place, stack), trustInWorkflow(place, `environment:${stack.name}`), {
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
        Description: `Secrets of ${place.project}, stack ${stack.name}`,
        EnableKeyRotation: true,
        KeyPolicy: keyPolicy(place, stack),
      },
    },
    [`${id}KeyAlias`]: {
      Type: "AWS::KMS::Alias",
      ...RETAINED,
      Properties: { AliasName: keyAlias(place, stack), TargetKeyId: { Ref: `${id}Key` } },
    },
  };
}

/** `Prod` for `prod`, `PrEu` for `pr-eu`. */
function logicalId(name: string): string {
  return name.replace(/(^|-)([a-z0-9])/g, (_, __, letter: string) => letter.toUpperCase());
}
