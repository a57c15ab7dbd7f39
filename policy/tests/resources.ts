/** Builds a stack's resources from the short form of the examples. */
import type { StackResource } from "../resources/resource.ts";
import { ACCOUNT } from "./statements.ts";

export interface Registered {
  type: string;
  name: string;
  props: Record<string, unknown>;
  /** The names of the resources that a property's value comes from, by property. */
  from?: Record<string, string[]>;
  /** Name of the component that contains the resource. */
  within?: string;
}

const urnOf = (type: string, name: string) => `urn:pulumi:dev::test::${type}::${name}`;

/** A single resource. */
export function registered({ type, name, props }: Registered): StackResource {
  return { urn: urnOf(type, name), type, name, props, propertyDependencies: {} };
}

/** A stack whose resources refer to each other by URN. */
export function stackOf(resources: Registered[]): StackResource[] {
  const urnsOf = (names: string[]) =>
    resources.filter(({ name }) => names.includes(name)).map(({ type, name }) => urnOf(type, name));
  return resources.map(({ from = {}, within, ...resource }) => ({
    ...registered(resource),
    propertyDependencies: Object.fromEntries(Object.entries(from).map(([key, names]) => [key, urnsOf(names)])),
    ...(within === undefined ? {} : { parent: urnsOf([within])[0] as string }),
  }));
}

export function role(name: string, props: Record<string, unknown> = {}): Registered {
  return { type: "aws:iam/role:Role", name, props: { name, ...props } };
}

/** A role's inline policy, with these statements. */
export function rolePolicy(name: string, of: string, ...statements: unknown[]): Registered {
  const policy = { Version: "2012-10-17", Statement: statements };
  return { type: "aws:iam/rolePolicy:RolePolicy", name, props: { role: of, policy } };
}

export function attachment(name: string, of: string, policyArn: unknown): Registered {
  return { type: "aws:iam/rolePolicyAttachment:RolePolicyAttachment", name, props: { role: of, policyArn } };
}

/** A function whose code is one file, `index.mjs`. */
export function lambda(name: string, of: string, code: string, props: Record<string, unknown> = {}): Registered {
  return {
    type: "aws:lambda/function:Function",
    name,
    props: {
      name,
      role: `arn:aws:iam::${ACCOUNT}:role/${of}`,
      runtime: "nodejs24.x",
      code: { assets: { "index.mjs": { text: code } } },
      ...props,
    },
  };
}
