/**
 * The permissions that a DynamoDB call needs.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
 */

export type DynamoDbRequest = Record<string, unknown>;

export interface Permission {
  /** @example "PutItem" */
  action: string;
  /** @example "table/orders" */
  resource: string;
}

const TRANSACTION_ACTIONS = new Map([
  ["Get", "GetItem"],
  ["Put", "PutItem"],
  ["Update", "UpdateItem"],
  ["Delete", "DeleteItem"],
  ["ConditionCheck", "ConditionCheckItem"],
]);

/** The permissions for the table or index of a query, for each table of a batch, or for each item of a transaction. */
export function permissionsFor(operation: string, request: DynamoDbRequest): Permission[] {
  const { TransactItems, RequestItems, ResourceArn, TableName, IndexName } = request;
  if (Array.isArray(TransactItems)) return TransactItems.flatMap(permissionsOfAction);
  if (isRecord(RequestItems)) {
    return Object.keys(RequestItems).map((table) => ({ action: operation, resource: `table/${table}` }));
  }
  if (typeof ResourceArn === "string") {
    return [{ action: operation, resource: ResourceArn.replace(/^.*?:(?=table\/)/, "") }];
  }
  if (typeof TableName !== "string") return [{ action: operation, resource: "*" }];
  const index = typeof IndexName === "string" ? `/index/${IndexName}` : "";
  return [{ action: operation, resource: `table/${TableName}${index}` }];
}

function permissionsOfAction(item: unknown): Permission[] {
  if (!isRecord(item)) return [];
  return Object.entries(item).flatMap(([kind, request]) => {
    const action = TRANSACTION_ACTIONS.get(kind);
    return action === undefined || !isRecord(request) ? [] : [{ action, resource: `table/${request.TableName}` }];
  });
}

/**
 * Replaces tables' ARNs with names: calls may use either, and the store knows only names.
 *
 * @param prefix the part of each table's ARN that precedes the name
 */
export function withTableNames(request: DynamoDbRequest, prefix: string): DynamoDbRequest {
  const { TableName, RequestItems, TransactItems } = request;
  const nameOf = (table: string) => (table.startsWith(prefix) ? table.slice(prefix.length) : table);
  if (Array.isArray(TransactItems)) {
    const named = (action: unknown) =>
      isRecord(action) ? mapValues(action, (item) => (isRecord(item) ? withTableNames(item, prefix) : item)) : action;
    return { ...request, TransactItems: TransactItems.map(named) };
  }
  if (typeof TableName === "string" && TableName !== nameOf(TableName)) {
    return { ...request, TableName: nameOf(TableName) };
  }
  if (!isRecord(RequestItems)) return request;
  const entries = Object.entries(RequestItems);
  if (!entries.some(([table]) => table !== nameOf(table))) return request;
  return { ...request, RequestItems: Object.fromEntries(entries.map(([table, value]) => [nameOf(table), value])) };
}

function mapValues(record: DynamoDbRequest, map: (value: unknown) => unknown): DynamoDbRequest {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}

function isRecord(value: unknown): value is DynamoDbRequest {
  return typeof value === "object" && value !== null;
}
