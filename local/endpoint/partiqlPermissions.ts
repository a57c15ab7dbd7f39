/**
 * The permissions that a PartiQL statement needs.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-iam.html
 */
import { parseStatement, type Statement } from "../store/partiql/parse.ts";
import type { DynamoDbRequest, Permission } from "./dynamodbPermissions.ts";

/** The permissions for each valid statement. The store refuses invalid ones. */
export function partiQlPermissions({
  Statement,
  Parameters,
  Statements,
  TransactStatements,
}: DynamoDbRequest): Permission[] {
  const requests = [Statements ?? TransactStatements ?? { Statement, Parameters }].flat() as DynamoDbRequest[];
  return requests.flatMap((request) => {
    try {
      return permissionOf(parseStatement(String(request?.Statement), request?.Parameters as unknown[] | undefined));
    } catch {
      return [];
    }
  });
}

function permissionOf(statement: Statement): Permission {
  const { kind, table } = statement;
  const index = kind === "Select" && statement.index !== undefined ? `/index/${statement.index}` : "";
  return { action: `PartiQL${kind === "Exists" ? "Select" : kind}`, resource: `table/${table}${index}` };
}
