/** A policy document, as IAM expects it. */
export interface Document {
  Version: "2012-10-17";
  Statement: Statement[];
}

export interface Statement {
  Sid: string;
  Effect: "Allow" | "Deny";
  Principal?: "*" | Record<string, string | string[]>;
  Action: string | string[];
  Resource?: string | string[];
  Condition?: Record<string, Record<string, string | string[]>>;
}

export function document(...statements: Statement[]): Document {
  return { Version: "2012-10-17", Statement: statements };
}
