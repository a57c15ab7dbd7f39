/** Permissions boundary of a stack's roles: the most that a function may do, whatever its role's policies allow. */
import features from "../../iam/function-features.json" with { type: "json" };
import { arn, prefixOf, type Stack, type Target } from "../target.ts";
import { type Document, document } from "./document.ts";

/**
 * Allows only what this program's functions do, and only on the stack's own resources. Someone who can deploy one stack
 * therefore can't access the data of another, or anything else in the account.
 */
export function boundary(target: Target, stack: Stack): Document {
  const name = `${prefixOf(target, stack)}*`;
  return document(
    {
      Sid: "Logs",
      Effect: "Allow",
      Action: features.logging,
      Resource: arn(target, "logs", `log-group:/aws/lambda/${name}`),
    },
    {
      Sid: "Items",
      Effect: "Allow",
      Action: [
        "dynamodb:BatchGetItem",
        "dynamodb:BatchWriteItem",
        "dynamodb:DeleteItem",
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:Query",
        "dynamodb:Scan",
        "dynamodb:UpdateItem",
      ],
      Resource: arn(target, "dynamodb", `table/${name}`),
    },
    {
      Sid: "Functions",
      Effect: "Allow",
      Action: "lambda:InvokeFunction",
      Resource: arn(target, "lambda", `function:${name}`),
    },
    { Sid: "Queues", Effect: "Allow", Action: features.deadLetter, Resource: arn(target, "sqs", name) },
    {
      Sid: "Connections",
      Effect: "Allow",
      Action: "execute-api:ManageConnections",
      // The API's id is unknown before the first `pulumi up`, but its stage is known.
      Resource: arn(target, "execute-api", `*/${stack.stage}/*/@connections/*`),
    },
  );
}
