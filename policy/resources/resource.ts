/** A resource as the rules look at it: what a program registers, without Pulumi. */
export interface StackResource {
  urn: string;
  type: string;
  name: string;
  /** Inputs; at the end of an update outputs, too. What is not known yet is UNKNOWN. */
  props: Record<string, unknown>;
  /** By property, the URNs of the resources that its value comes from. */
  propertyDependencies: Record<string, string[]>;
  /** URN of the component that it is part of. */
  parent?: string;
}

/** What is known of the stack and wanted of it. */
export interface StackContext {
  /** The stack's own account. */
  account?: string;
  region?: string;
  /** ARN of the managed policy that every role has to be bound by. */
  permissionsBoundary?: string;
}
