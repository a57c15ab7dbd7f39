import { UNKNOWN } from "../../../resources/unknown.ts";
import { policiesManagedTwice } from "../../../rules/stack/policiesManagedTwice.ts";
import { attachment, role, rolePolicy } from "../../resources.ts";
import { allow, policy } from "../../statements.ts";
import { describeStackRule } from "./describeStackRule.ts";

const LOGS = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
const inline = { inlinePolicies: [{ name: "a", policy: JSON.stringify(policy(allow("sqs:SendMessage", "*"))) }] };

describeStackRule(policiesManagedTwice, {
  bad: [
    {
      name: "a list of managed policies, and an attachment",
      resources: [role("app", { managedPolicyArns: [LOGS] }), attachment("extra", "app", LOGS)],
      resource: "app",
      message:
        "managedPolicyArns lists all policies of the role, but others come from extra: each update undoes the other",
      fix: "remove managedPolicyArns from the role, or list every policy there",
      fixed: [role("app"), attachment("extra", "app", LOGS)],
    },
    {
      name: "a list of inline policies, and two more",
      resources: [
        role("app", inline),
        rolePolicy("b", "app", allow("sqs:SendMessage", "*")),
        rolePolicy("c", "app", allow("sns:Publish", "*")),
      ],
      resource: "app",
      message: "inlinePolicies lists all policies of the role, but others come from b, c: each update undoes the other",
      fix: "remove inlinePolicies from the role, or list every policy there",
      fixed: [role("app", inline)],
    },
    {
      name: "an attachment to a role that doesn't exist yet",
      resources: [
        role("app", { name: UNKNOWN, managedPolicyArns: [UNKNOWN] }),
        { ...attachment("extra", "", LOGS), props: { role: UNKNOWN, policyArn: LOGS }, from: { role: ["app"] } },
      ],
      resource: "app",
      message: "extra",
      fix: "managedPolicyArns",
      fixed: [role("app", { managedPolicyArns: [UNKNOWN] })],
    },
  ],
  good: [
    {
      name: "a list of managed policies, and an inline policy",
      resources: [role("app", { managedPolicyArns: [LOGS] }), rolePolicy("b", "app", allow("sqs:SendMessage", "*"))],
    },
    { name: "an empty list", resources: [role("app", { managedPolicyArns: [] }), attachment("extra", "app", LOGS)] },
    {
      name: "an attachment to another role",
      resources: [role("app", { managedPolicyArns: [LOGS] }), role("other"), attachment("extra", "other", LOGS)],
    },
  ],
});
