import { UNKNOWN } from "../../../resources/unknown.ts";
import { boundaryRequired } from "../../../rules/stack/boundaryRequired.ts";
import { role } from "../../resources.ts";
import { ACCOUNT } from "../../statements.ts";
import { describeStackRule } from "./describeStackRule.ts";

const BOUNDARY = `arn:aws-us-gov:iam::${ACCOUNT}:policy/app-boundary`;
const context = { permissionsBoundary: BOUNDARY };
const bound = role("app", { permissionsBoundary: BOUNDARY });

describeStackRule(boundaryRequired, {
  bad: [
    {
      name: "a role without a boundary",
      context,
      resources: [role("app"), bound],
      resource: "app",
      message: 'the role\'s boundary is "none", not the required one',
      fix: { permissionsBoundary: BOUNDARY },
      fixed: [bound],
    },
    {
      name: "a role with a boundary whose name differs in case",
      context,
      resources: [role("app", { permissionsBoundary: BOUNDARY.toUpperCase() })],
      resource: "app",
      message: "APP-BOUNDARY",
      fix: { permissionsBoundary: BOUNDARY },
      fixed: [bound],
    },
    {
      name: "a role with an empty boundary",
      context,
      resources: [role("app", { permissionsBoundary: "" })],
      resource: "app",
      message: 'the role\'s boundary is "", not the required one',
      fix: { permissionsBoundary: BOUNDARY },
      fixed: [bound],
    },
  ],
  good: [
    {
      name: "a boundary that the stack itself creates",
      context,
      resources: [role("app", { permissionsBoundary: UNKNOWN })],
    },
    { name: "roles if no boundary is required", resources: [role("app")] },
    { name: "a user, which isn't a role", context, resources: [{ type: "aws:iam/user:User", name: "ana", props: {} }] },
  ],
});
