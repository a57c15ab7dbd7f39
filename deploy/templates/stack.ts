/** What one Pulumi stack needs before CI can deploy it, as a CloudFormation template. */
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
    Description: `What CI needs to deploy ${place.project}, stack ${stack.name}: key, boundary, roles. Made by deploy/bootstrap.ts.`,
    Resources: { ...previewing(place, stack), ...planning(place, stack), ...deploying(place, stack) },
  };
}

/** Pull requests of the repository: they look at the development stack, and change nothing. */
function previewing(place: Place, stack: Stack): Record<string, Resource> {
  if (!stack.isDevelopment) return {};
  const properties = { Policies: [inline("state", readState(place, stack))] };
  return { Preview: role(place, previewRole(place), trustInWorkflow(place, "pull_request"), properties) };
}

/** `main`, before a person approves what it changes, and each night: it looks at the stack, and changes nothing. */
function planning(place: Place, stack: Stack): Record<string, Resource> {
  if (stack.isForPullRequests) return {};
  const trust = trustInWorkflow(place, `environment:${planEnvironment(stack)}`);
  const Policies = [inline("state", readState(place, stack)), inline("resources", reads(place, stack))];
  return { [`${logicalId(stack.name)}Plan`]: role(place, planRole(place, stack), trust, { Policies }) };
}

/** A stack's environment on GitHub, with the key of its secrets and the boundary of its roles. */
function deploying(place: Place, stack: Stack): Record<string, Resource> {
  const id = logicalId(stack.name);
  const people = testPeople(place, stack);
  const policies = [
    inline("state", writeState(place, stack)),
    inline("roles", roles(place, stack)),
    inline("resources", resources(place, stack)),
    // What CloudFront has of its own can't be known by tags, so pull requests have no page.
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
      // A key policy can only name roles that are there.
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

/** `Prod` of `prod`, `PrEu` of `pr-eu`. */
function logicalId(name: string): string {
  return name.replace(/(^|-)([a-z0-9])/g, (_, __, letter: string) => letter.toUpperCase());
}
