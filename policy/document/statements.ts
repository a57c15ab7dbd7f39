import { PolicySyntaxError, parsePolicy, type Statement } from "@serverless-chat/iam";

/** Of a document that IAM would not take none: that is another rule's business. */
export function statementsOf(document: unknown): Statement[] {
  try {
    return parsePolicy(document).statements;
  } catch (error) {
    if (error instanceof PolicySyntaxError) return [];
    throw error;
  }
}
