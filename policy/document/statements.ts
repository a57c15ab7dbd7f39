import { PolicySyntaxError, parsePolicy, type Statement } from "@serverless-chat/iam";

/** The statements of a document; none if IAM would reject it, which another rule reports. */
export function statementsOf(document: unknown): Statement[] {
  try {
    return parsePolicy(document).statements;
  } catch (error) {
    if (error instanceof PolicySyntaxError) return [];
    throw error;
  }
}
