import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { requestHandler, signer } from "./transport";

/** One client for an execution environment: its sockets outlive an invocation. */
export const dynamodb = DynamoDBDocumentClient.from(new DynamoDBClient({ requestHandler, signer }), {
  marshallOptions: { removeUndefinedValues: true },
});
