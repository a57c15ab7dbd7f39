import { ROLE } from "../../resources/roles.ts";
import { isUnknown } from "../../resources/unknown.ts";
import type { StackRule } from "../rule.ts";

export const boundaryRequired: StackRule = {
  id: "boundary-required",
  severity: "high",
  title: "A role lacks the permissions boundary that the configuration requires",
  check: (resources, { permissionsBoundary }) =>
    permissionsBoundary === undefined
      ? []
      : resources
          .filter(({ type, props }) => type === ROLE && props.permissionsBoundary !== permissionsBoundary)
          // The ARN of a boundary that this update creates isn't known yet.
          .filter(({ props }) => !isUnknown(props.permissionsBoundary))
          .map((resource) => ({
            resource,
            message: `the role's boundary is ${JSON.stringify(resource.props.permissionsBoundary ?? "none")}, not the required one`,
            fix: { permissionsBoundary },
          })),
};
