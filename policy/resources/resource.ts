/** A resource in the form that rules check: what a program registers, without Pulumi's types. */
export interface StackResource {
  urn: string;
  type: string;
  name: string;
  /** Inputs and, at the end of an update, outputs. Values that aren't known yet are UNKNOWN. */
  props: Record<string, unknown>;
  /** URNs of the resources that a property's value comes from, by property. */
  propertyDependencies: Record<string, string[]>;
  /** URN of the component that the resource is part of. */
  parent?: string;
  /** Inputs of the provider that manages the resource. */
  provider?: Record<string, unknown>;
}

/** Facts about the stack, and requirements for it. */
export interface StackContext {
  /** The stack's own account, 12 digits. */
  account?: string;
  region?: string;
  /** Other accounts of the same owner, which are treated like the stack's own. */
  trustedAccounts?: string[];
  /** The stack's own organization, such as `o-a1b2c3d4e5`. */
  organizationId?: string;
  /** ARNs or names of managed policies that may be attached although they allow a whole service. */
  allowedManagedPolicies?: string[];
  /** ARN of the managed policy that every role must have as its permissions boundary. */
  permissionsBoundary?: string;
}
