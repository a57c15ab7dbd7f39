import { missingVersion } from "../../../rules/document/missingVersion.ts";
import { ACCOUNT, allow, policy, trust } from "../../statements.ts";
import { describeDocumentRule } from "./describeDocumentRule.ts";

const FIX = '"Version": "2012-10-17"';
const HOME = allow("s3:GetObject", "arn:aws-us-gov:s3:::homes/${aws:username}/*");

describeDocumentRule(missingVersion, {
  context: { kind: "identity", account: ACCOUNT },
  bad: [
    {
      name: "no Version, and one statement that isn't in a list",
      document: { Statement: HOME },
      message: 'without Version "2012-10-17" IAM treats policy variables such as ${aws:username} as literal text',
      fix: FIX,
    },
    {
      name: "the old Version, as JSON text with surrounding spaces",
      document: `\n ${JSON.stringify({ Version: "2008-10-17", Statement: [HOME] })}\n`,
      message: "without Version",
      fix: FIX,
    },
    {
      name: "a boundary without a Version",
      context: { kind: "boundary" },
      document: { Statement: [allow("*", "*")] },
      message: "without Version",
      fix: FIX,
    },
    {
      name: "a trust policy with an Id, but without a Version",
      context: { kind: "trust" },
      document: { Id: "a", Statement: [trust({ Service: "lambda.amazonaws.com" })] },
      message: "without Version",
      fix: FIX,
    },
  ],
  good: [
    {
      name: "the Version after the statements",
      document: JSON.stringify({ Statement: [HOME], Version: "2012-10-17" }),
    },
    { name: "a document without variables", document: policy(allow("sqs:SendMessage", "*")) },
    {
      name: "an unknown Version, which another rule reports",
      document: { Version: "2012-10-18", Statement: [HOME] },
    },
  ],
});
