import { allowNotPrincipal } from "../../../rules/document/allowNotPrincipal.ts";
import { ACCOUNT, OTHER, policy } from "../../statements.ts";
import { describeDocumentRule } from "./describeDocumentRule.ts";

const ADVICE = "list the admitted callers under Principal";
const BUCKET = { Action: "s3:GetObject", Resource: "arn:aws:s3:::orders/*" };

describeDocumentRule(allowNotPrincipal, {
  context: { kind: "resource", service: "s3", account: ACCOUNT },
  bad: [
    {
      name: "all accounts except one",
      document: policy({ Effect: "Allow", NotPrincipal: { AWS: OTHER }, ...BUCKET }),
      statement: 0,
      message: "NotPrincipal with Allow admits everyone else, including callers without an AWS account",
      fix: ADVICE,
    },
    {
      name: "a list of excluded accounts, after a Deny, as JSON text",
      document: JSON.stringify(
        policy(
          { Effect: "Deny", Principal: "*", ...BUCKET },
          { Effect: "Allow", NotPrincipal: { AWS: [`arn:aws-cn:iam::${OTHER}:root`, OTHER] }, ...BUCKET },
        ),
      ),
      statement: 1,
      message: "NotPrincipal with Allow admits everyone else, including callers without an AWS account",
      fix: ADVICE,
    },
    {
      name: "a trust policy",
      context: { kind: "trust", account: ACCOUNT },
      document: policy({
        Effect: "Allow",
        NotPrincipal: { AWS: `arn:aws:iam::${ACCOUNT}:user/ana` },
        Action: "sts:AssumeRole",
      }),
      statement: 0,
      message: "NotPrincipal with Allow",
      fix: ADVICE,
    },
  ],
  good: [
    {
      name: "a Deny for all roles except one",
      document: policy({
        Effect: "Deny",
        NotPrincipal: { AWS: [`arn:aws:iam::${ACCOUNT}:role/a`, ACCOUNT] },
        ...BUCKET,
      }),
    },
    {
      name: "a Principal with a condition that negates",
      document: policy({
        Effect: "Allow",
        Principal: { AWS: ACCOUNT },
        ...BUCKET,
        Condition: { StringNotEquals: { "aws:PrincipalArn": "x" } },
      }),
    },
  ],
});
