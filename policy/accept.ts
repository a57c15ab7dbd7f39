/** Lets a program accept a finding next to the resource that has it. */
import {
  ComponentResource,
  mergeOptions,
  type Resource,
  type ResourceOptions,
  type ResourceTransformation,
} from "@pulumi/pulumi";
import { EXCEPTION_TYPE } from "./exceptionsInCode.ts";

export interface AcceptedFinding {
  /** Id of the rule, such as `public-principal`. */
  rule: string;
  /** Why the finding is acceptable. */
  reason: string;
  /** Last day on which it is accepted, in UTC, such as `2027-01-31`. */
  until: string;
  /** Sid or hash of the statement, as findings show it; if undefined, every statement of the resource. */
  statement?: string;
}

/**
 * Returns resource options that accept findings of the resource, or of a component and its children. The policy pack
 * reports whether the exception is in use, has ended, or covers nothing.
 *
 * For each finding, the options register a component, which creates nothing but reaches the policy pack before the
 * resource.
 *
 * @example
 * new aws.s3.BucketPolicy("site", { bucket, policy }, accept({
 *   rule: "public-principal", reason: "a public website", until: "2027-06-30",
 * }));
 */
export function accept<Options extends ResourceOptions>(
  findings: AcceptedFinding | AcceptedFinding[],
  options?: Options,
): Options {
  const seen = new Set<Resource>();
  const record: ResourceTransformation = ({ resource, type, name, props, opts }) => {
    const isChild = opts.parent !== undefined && seen.has(opts.parent);
    seen.add(resource);
    // Children inherit transformations, and the exception of a component covers them.
    if (isChild) return undefined;
    const exceptions = [findings].flat().map((finding) => new Exception(name, { ...finding, resource: name, type }));
    // The resource waits for the URNs: once an exception has its URN, the policy pack has received the exception.
    const dependsOn = exceptions.map((exception) => exception.urn.apply(() => exception));
    return { props, opts: mergeOptions(opts, { dependsOn }) };
  };
  return { ...options, transformations: [record, ...(options?.transformations ?? [])] } as Options;
}

class Exception extends ComponentResource {
  constructor(name: string, inputs: AcceptedFinding & Record<string, string>) {
    super(EXCEPTION_TYPE, [name, inputs.rule, inputs.statement].filter(Boolean).join("-"), inputs);
    this.registerOutputs(inputs);
  }
}
