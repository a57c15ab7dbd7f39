/** DynamoDB at the AWS endpoint: the permissions that a call needs, and its answer. */
import type { Access } from "../access.ts";
import type { Caller } from "../identity/role.ts";
import type { Answer } from "../store/dynamodb.ts";
import { type DynamoDbRequest, permissionsFor, withTableNames } from "./dynamodbPermissions.ts";

interface Store {
  call(operation: string, body: string): Promise<Answer>;
}

export async function answerDynamoDb(
  call: { operation: string; body: string; caller: Caller },
  place: { access: Access; store: Store; arnOf: (resource: string) => string },
): Promise<Answer> {
  const { operation, body, caller } = call;
  let request: DynamoDbRequest;
  try {
    request = JSON.parse(body);
  } catch {
    return fault("SerializationException", "the body is not JSON");
  }
  const named = withTableNames(request, place.arnOf("table/"));
  const isPartiQl = operation.includes("Execute");
  const permissions = isPartiQl
    ? (await import("./partiqlPermissions.ts")).partiQlPermissions(named)
    : permissionsFor(operation, named);
  for (const { action, resource } of permissions) {
    const refusal = place.access.refusal(caller, `dynamodb:${action}`, place.arnOf(resource), contextOf(named));
    if (refusal !== undefined) return fault("AccessDeniedException", refusal);
  }
  return place.store.call(operation, named === request ? body : JSON.stringify(named));
}

/** Values of those DynamoDB condition keys that a request contains literally. */
function contextOf({ Select, ReturnValues, ReturnConsumedCapacity }: DynamoDbRequest): Record<string, string> {
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
