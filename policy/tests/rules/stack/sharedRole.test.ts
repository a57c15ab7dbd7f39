import { UNKNOWN } from "../../../resources/unknown.ts";
import { sharedRole } from "../../../rules/stack/sharedRole.ts";
import { lambda, role } from "../../resources.ts";
import { describeStackRule } from "./describeStackRule.ts";

const CODE = "export const handler = () => {};";
const unknownRole = { role: UNKNOWN };
const first = { ...lambda("read", "", CODE, unknownRole), from: { role: ["shared"] } };
const second = { ...lambda("write", "", CODE, unknownRole), from: { role: ["shared"] } };
const apart = [role("a"), role("b"), lambda("read", "a", CODE), lambda("write", "b", CODE)];

describeStackRule(sharedRole, {
  bad: [
    {
      name: "a role by its ARN",
      resources: [role("shared"), lambda("read", "shared", CODE), lambda("write", "shared", CODE)],
      resource: "shared",
      message: "read, write share this role, so each can do what the others need",
      fix: "give each function its own role",
      fixed: apart,
    },
    {
      name: "a role that doesn't exist yet",
      resources: [role("shared", { name: UNKNOWN }), first, second],
      resource: "shared",
      message: "read, write",
      fix: "give each function its own role",
      fixed: [role("shared"), first, role("b"), lambda("write", "b", CODE)],
    },
    {
      name: "another stack's role, reported at the second function",
      resources: [
        lambda("read", "elsewhere", CODE),
        lambda("write", "elsewhere", CODE),
        lambda("third", "elsewhere", CODE),
      ],
      resource: "write",
      message: "read, write, third",
      fix: "give each function its own role",
      fixed: apart,
    },
  ],
  good: [
    {
      name: "roles whose names begin alike",
      resources: [role("app"), role("app-2"), lambda("read", "app", CODE), lambda("write", "app-2", CODE)],
    },
    {
      name: "functions whose roles aren't known yet",
      resources: [lambda("read", "", CODE, unknownRole), lambda("write", "", CODE, unknownRole)],
    },
    {
      name: "a function without a role",
      resources: [lambda("read", "", CODE, { role: undefined }), lambda("write", "", CODE, { role: undefined })],
    },
    {
      name: "one function, and another resource with its role",
      resources: [
        role("a"),
        lambda("read", "a", CODE),
        { type: "aws:sfn/stateMachine:StateMachine", name: "flow", props: { roleArn: "a" } },
      ],
    },
  ],
});
