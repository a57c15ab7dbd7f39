import { ROLE } from "../../resources/roles.ts";
import { isUnknown } from "../../resources/unknown.ts";
import type { StackRule } from "../rule.ts";

export const boundaryRequired: StackRule = {
  id: "boundary-required",
  severity: "high",
  title: "A role is not bound by the permissions boundary that the configuration demands",
  check: (resources, { permissionsBoundary }) =>
    permissionsBoundary === undefined
      ? []
      : resources
          .filter(({ type, props }) => type === ROLE && props.permissionsBoundary !== permissionsBoundary)
          // One that the stack itself makes has its ARN at the update.
          .filter(({ props }) => !isUnknown(props.permissionsBoundary))
          .map((resource) => ({
            resource,
            message: `its boundary is ${JSON.stringify(resource.props.permissionsBoundary ?? "none")}`,
            fix: { permissionsBoundary },
          })),
};
