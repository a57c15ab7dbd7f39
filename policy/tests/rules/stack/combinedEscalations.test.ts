import { UNKNOWN } from "../../../resources/unknown.ts";
import { combinedEscalations } from "../../../rules/stack/combinedEscalations.ts";
import { attachment, role, rolePolicy } from "../../resources.ts";
import { ACCOUNT, allow, deny, policy } from "../../statements.ts";
import { describeStackRule } from "./describeStackRule.ts";

const passes = allow("iam:PassRole", `arn:aws-cn:iam::${ACCOUNT}:role/app-*`);
const runs = allow(
  ["lambda:CreateFunction", "LAMBDA:invokefunction"],
  `arn:aws-cn:lambda:cn-north-1:${ACCOUNT}:function:app-*`,
);
const inOne = rolePolicy("all", "app", passes, runs);
const inTwo = [rolePolicy("passing", "app", passes), rolePolicy("running", "app", runs)];
const managed = {
  type: "aws:iam/policy:Policy",
  name: "running",
  props: { name: "running", policy: JSON.stringify(policy(runs)) },
};

describeStackRule(combinedEscalations, {
  title: "privilege-escalation-over-documents",
  bad: [
    {
      name: "steps in two inline policies",
      resources: [role("app"), ...inTwo],
      resource: "app",
      message:
        "across several documents: with iam:PassRole and lambda:CreateFunction and lambda:InvokeFunction, the holder",
      fix: "limit the first of these actions",
      fixed: [
        role("app"),
        rolePolicy("passing", "app", allow("iam:PassRole", `arn:aws-cn:iam::${ACCOUNT}:role/app`)),
        rolePolicy("running", "app", runs),
      ],
    },
    {
      name: "steps in the role's own list and in an attached policy of the stack",
      resources: [
        role("app", { inlinePolicies: [{ name: "passing", policy: JSON.stringify(policy(passes)) }] }),
        managed,
        { ...attachment("attach", "app", UNKNOWN), from: { policyArn: ["running"] } },
      ],
      resource: "app",
      message:
        "across several documents: with iam:PassRole and lambda:CreateFunction and lambda:InvokeFunction, the holder",
      fix: "limit the first",
      fixed: [role("app"), managed, { ...attachment("attach", "app", UNKNOWN), from: { policyArn: ["running"] } }],
    },
  ],
  good: [
    {
      name: "steps in one document, which the document rule finds",
      resources: [role("app"), inOne, rolePolicy("more", "app", allow("sqs:SendMessage", "*"))],
    },
    {
      name: "steps in the documents of two roles",
      resources: [role("app"), role("b"), rolePolicy("passing", "app", passes), rolePolicy("running", "b", runs)],
    },
    {
      name: "a third document that denies a step",
      resources: [role("app"), ...inTwo, rolePolicy("guard", "app", deny("iam:PassRole", "*"))],
    },
    {
      name: "a step that isn't known yet",
      resources: [
        role("app"),
        rolePolicy("passing", "app", passes),
        { type: "aws:iam/rolePolicy:RolePolicy", name: "running", props: { role: "app", policy: UNKNOWN } },
      ],
    },
    {
      name: "an invalid document, which another rule reports",
      resources: [
        role("app"),
        ...inTwo,
        { type: "aws:iam/rolePolicy:RolePolicy", name: "broken", props: { role: "app", policy: "{" } },
      ],
    },
  ],
});
