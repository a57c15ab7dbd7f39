import * as pulumi from "@pulumi/pulumi";

/** Tags of a resource, by name. */
export type Tags = pulumi.Input<Record<string, pulumi.Input<string>>>;

/** Argument that every component accepts. */
export interface TaggedArgs {
  /** Tags in addition to `project`, `stack` and `managedBy`; they may replace these. @default none */
  tags?: Tags | undefined;
}

/**
 * Tags for every resource that supports them. They show on bills and in the console what a resource belongs to.
 */
export function tagsOf({ tags }: TaggedArgs): Tags {
  const own = { project: pulumi.getProject(), stack: pulumi.getStack(), managedBy: "pulumi" };
  return tags === undefined ? own : pulumi.output(tags).apply((more) => ({ ...own, ...more }));
}
