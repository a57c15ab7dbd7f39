/** Permissions boundary of every function of a stack, whatever policies its role has. */
import features from "../../iam/function-features.json" with { type: "json" };
import { arn, type Place, prefixOf, type Stack } from "../place.ts";
import { type Document, document } from "./document.ts";

/**
 * On the stack's own resources, what functions of this program do; so that who deploys one stack cannot give itself
 * the data of another, nor anything else in the account.
 */
export function boundary(place: Place, stack: Stack): Document {
  const name = `${prefixOf(place, stack)}*`;
  return document(
    {
      Sid: "Logs",
      Effect: "Allow",
      Action: features.logging,
      Resource: arn(place, "logs", `log-group:/aws/lambda/${name}`),
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
      Resource: arn(place, "dynamodb", `table/${name}`),
    },
    {
      Sid: "Functions",
      Effect: "Allow",
      Action: "lambda:InvokeFunction",
      Resource: arn(place, "lambda", `function:${name}`),
    },
    { Sid: "Queues", Effect: "Allow", Action: features.deadLetter, Resource: arn(place, "sqs", name) },
    {
      Sid: "Connections",
      Effect: "Allow",
      Action: "execute-api:ManageConnections",
      // The id of the API is not known before the first `up`; its stage is.
      Resource: arn(place, "execute-api", `*/${stack.stage}/*/@connections/*`),
    },
  );
}
