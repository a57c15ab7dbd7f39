import { duplicateSid } from "../../../rules/document/duplicateSid.ts";
import { ACCOUNT, allow, deny, policy, trust } from "../../statements.ts";
import { describeDocumentRule } from "./describeDocumentRule.ts";

const queue = (name: string) => `arn:aws:sqs:eu-central-1:${ACCOUNT}:${name}`;
const sends = (name: string, sid: string) => allow("sqs:SendMessage", queue(name), { Sid: sid });

describeDocumentRule(duplicateSid, {
  context: { kind: "identity", account: ACCOUNT },
  bad: [
    {
      name: "two statements with the same Sid",
      document: policy(sends("a", "Sending"), sends("b", "Sending")),
      statement: 1,
      message: 'an earlier statement also has the Sid "Sending", and IAM rejects such a document',
      fix: '"Sid": "Sending1"',
    },
    {
      name: "the same Sid in the first and the third statement, as JSON text",
      document: JSON.stringify(policy(sends("a", "S"), sends("b", "T"), sends("c", "S"))),
      statement: 2,
      message: '"S"',
      fix: '"Sid": "S2"',
    },
    {
      name: "an Allow and a Deny",
      document: policy(sends("a", "S"), deny("sqs:*", "*", { Sid: "S" })),
      statement: 1,
      message: '"S"',
      fix: '"Sid": "S1"',
    },
    {
      name: "a Sid whose new name is already in use",
      document: policy(sends("a", "S"), sends("b", "S"), sends("c", "S1")),
      statement: 1,
      message: '"S"',
      fix: '"Sid": "',
    },
    {
      name: "a queue policy's Sid with spaces and underscores",
      context: { kind: "resource", service: "sqs", account: ACCOUNT },
      document: policy(
        ...["a", "b"].map((role) => ({
          ...sends("orders", "the __owner"),
          Principal: { AWS: `arn:aws:iam::${ACCOUNT}:role/${role}` },
        })),
      ),
      statement: 1,
      message: '"the __owner"',
      fix: '"Sid": "the __owner1"',
    },
  ],
  good: [
    { name: "names that differ in case", document: policy(sends("a", "Sending"), sends("b", "sending")) },
    {
      name: "statements without a Sid",
      document: policy(allow("sqs:SendMessage", queue("a")), allow("sqs:SendMessage", queue("b"))),
    },
    {
      name: "Sids of a trust policy",
      context: { kind: "trust" },
      document: policy(
        trust({ Service: "lambda.amazonaws.com" }, { Sid: "A" }),
        trust({ Service: "ec2.amazonaws.com" }, { Sid: "B" }),
      ),
    },
  ],
});
