import * as pulumi from "@pulumi/pulumi";

/** Tags of a resource, by name. */
export type Tags = pulumi.Input<Record<string, pulumi.Input<string>>>;

/** What every component takes. */
export interface TaggedArgs {
  /** Tags beside `project`, `stack` and `managedBy`, which they may replace. @default none */
  tags?: Tags | undefined;
}

/** Tags of everything that takes tags: what it belongs to, for bills and for whoever meets it in the console. */
export function tagsOf({ tags }: TaggedArgs): Tags {
  const own = { project: pulumi.getProject(), stack: pulumi.getStack(), managedBy: "pulumi" };
  return tags === undefined ? own : pulumi.output(tags).apply((more) => ({ ...own, ...more }));
}
