import type { StackResource } from "../../resources/resource.ts";
import { FUNCTION, roleOf } from "../../resources/roles.ts";
import type { StackRule } from "../rule.ts";

export const sharedRole: StackRule = {
  id: "shared-role",
  severity: "medium",
  title: "Several functions have one role, and so what each of them needs",
  check(resources) {
    const byRole = new Map<string, StackResource[]>();
    for (const lambda of resources.filter(({ type }) => type === FUNCTION)) {
      const key = roleOf(lambda, "role", resources)?.urn ?? lambda.props.role;
      if (typeof key === "string") byRole.set(key, [...(byRole.get(key) ?? []), lambda]);
    }
    return [...byRole.values()]
      .filter((functions) => functions.length > 1)
      .map((functions) => ({
        // One from elsewhere is not in the stack.
        resource: roleOf(functions[0] as StackResource, "role", resources) ?? (functions[1] as StackResource),
        message: `it is the role of ${functions.map(({ name }) => name).join(", ")}: each may do what the others need`,
        fix: "give each of them a role of its own",
      }));
  },
};
