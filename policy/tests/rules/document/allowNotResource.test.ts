import { allowNotResource } from "../../../rules/document/allowNotResource.ts";
import { ACCOUNT, allow, policy } from "../../statements.ts";
import { describeDocumentRule } from "./describeDocumentRule.ts";

const ADVICE = "list the covered resources under Resource; to exclude one, add a separate Deny statement";

describeDocumentRule(allowNotResource, {
  context: { kind: "identity", account: ACCOUNT },
  bad: [
    {
      name: "all buckets except one",
      document: policy({ Effect: "Allow", Action: "s3:GetObject", NotResource: "arn:aws:s3:::secrets/*" }),
      statement: 0,
      message: "NotResource with Allow covers every resource except arn:aws:s3:::secrets/*",
      fix: ADVICE,
    },
    {
      name: "all buckets except two in another partition, after an ordinary statement, as JSON text",
      document: JSON.stringify(
        policy(allow("s3:ListAllMyBuckets", "*"), {
          Effect: "Allow",
          Action: "s3:PutObject",
          NotResource: ["arn:aws-cn:s3:::a/*", "arn:aws-cn:s3:::b/*"],
        }),
      ),
      statement: 1,
      message: "arn:aws-cn:s3:::a/*, arn:aws-cn:s3:::b/*",
      fix: ADVICE,
    },
    {
      name: "a resource policy",
      context: { kind: "resource", service: "s3", account: ACCOUNT },
      document: policy({
        Effect: "Allow",
        Principal: { AWS: `arn:aws:iam::${ACCOUNT}:role/a` },
        Action: "s3:GetObject",
        NotResource: "arn:aws:s3:::orders/secret/*",
      }),
      statement: 0,
      message: "NotResource with Allow covers every resource except arn:aws:s3:::orders/secret/*",
      fix: ADVICE,
    },
  ],
  good: [
    {
      name: "a Deny for everything but one bucket",
      document: policy({
        Effect: "Deny",
        Action: "s3:*",
        NotResource: ["arn:aws:s3:::orders", "arn:aws:s3:::orders/*"],
      }),
    },
    {
      name: "a Deny for all actions except sts:*, on everything but one bucket",
      document: policy({ Effect: "Deny", NotAction: "sts:*", NotResource: "arn:aws:s3:::orders" }),
    },
    {
      name: "a boundary",
      context: { kind: "boundary" },
      document: policy({ Effect: "Allow", Action: "s3:*", NotResource: "arn:aws:s3:::secrets" }),
    },
  ],
});
