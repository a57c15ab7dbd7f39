/** DynamoDB's side of the AWS endpoint: which resources a call is about, and its answer. */
import type { Access } from "../access.ts";
import type { Caller } from "../identity/role.ts";
import type { Answer } from "../store/dynamodb.ts";

interface Store {
  call(operation: string, body: string): Promise<Answer>;
}

export async function answerDynamoDb(
  call: { operation: string; body: string; caller: Caller },
  place: { access: Access; store: Store; arnOf: (resource: string) => string },
): Promise<Answer> {
  const { operation, body, caller } = call;
  let request: Record<string, unknown>;
  try {
    request = JSON.parse(body);
  } catch {
    return fault("SerializationException", "the body is not JSON");
  }
  const named = withNames(request, place.arnOf("table/"));
  for (const resource of resourcesOf(named)) {
    const refusal = place.access.refusal(caller, `dynamodb:${operation}`, place.arnOf(resource), contextOf(named));
    if (refusal !== undefined) return fault("AccessDeniedException", refusal);
  }
  return place.store.call(operation, named === request ? body : JSON.stringify(named));
}

/** A table may be named by its ARN wherever it may be named; the store knows names only. */
function withNames(request: Record<string, unknown>, prefix: string): Record<string, unknown> {
  const { TableName, RequestItems } = request;
  const nameOf = (table: string) => (table.startsWith(prefix) ? table.slice(prefix.length) : table);
  if (typeof TableName === "string" && TableName !== nameOf(TableName)) {
    return { ...request, TableName: nameOf(TableName) };
  }
  if (typeof RequestItems !== "object" || RequestItems === null) return request;
  const entries = Object.entries(RequestItems);
  if (!entries.some(([table]) => table !== nameOf(table))) return request;
  return { ...request, RequestItems: Object.fromEntries(entries.map(([table, value]) => [nameOf(table), value])) };
}

/** The table, or the index that is asked, or all tables of a batch. */
function resourcesOf(request: Record<string, unknown>): string[] {
  if (typeof request.RequestItems === "object" && request.RequestItems !== null) {
    return Object.keys(request.RequestItems).map((table) => `table/${table}`);
  }
  if (typeof request.TableName !== "string") return ["*"];
  const index = typeof request.IndexName === "string" ? `/index/${request.IndexName}` : "";
  return [`table/${request.TableName}${index}`];
}

/** The condition keys of DynamoDB that a request carries as they are. */
function contextOf({ Select, ReturnValues, ReturnConsumedCapacity }: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries({ Select, ReturnValues, ReturnConsumedCapacity })
      .filter(([, value]) => typeof value === "string")
      .map(([key, value]) => [`dynamodb:${key}`, value as string]),
  );
}

function fault(type: string, message: string): Answer {
  return {
    status: 400,
    body: JSON.stringify({ __type: `com.amazon.coral.service#${type}`, message, Message: message }),
  };
}
