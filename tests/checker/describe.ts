/** Describes DynamoDB calls in a few words, for readers of a history. */
import { type Item, plain } from "./store.ts";

/** Requests and answers of any operation. */
// biome-ignore lint/suspicious/noExplicitAny: each has its own shape
type Json = any;

/** @param failure name of the exception in the answer */
export function describe(
  operation: string,
  request: Json,
  answer: Json,
  failure: string | undefined,
): { call: string; effect: string } {
  const call = `${operation} ${aboutOf(operation, request)}`;
  if (failure === "ConditionalCheckFailedException") {
    return { call, effect: answer.Item === undefined ? "nothing is there" : `there is ${shortOf(answer.Item)}` };
  }
  if (failure !== undefined) return { call, effect: failure };
  if (answer.Attributes !== undefined) return { call, effect: shortOf(answer.Attributes) };
  if (operation === "GetItem")
    return { call, effect: answer.Item === undefined ? "nothing is there" : shortOf(answer.Item) };
  if (answer.Items !== undefined) return { call, effect: (answer.Items as Item[]).map(keyOf).join(", ") || "nothing" };
  if (answer.Responses !== undefined)
    return { call, effect: (Object.values(answer.Responses).flat() as Item[]).map(shortOf).join(", ") };
  return { call, effect: "done" };
}

function aboutOf(operation: string, request: Json): string {
  switch (operation) {
    case "GetItem":
      return keyOf(request.Key);
    case "UpdateItem": {
      const { ":value": to, ":from": from } = plain(request.ExpressionAttributeValues ?? {});
      return `${keyOf(request.Key)}${from === undefined ? "" : ` from ${from}`}${to === undefined ? "" : ` to ${to}`}`;
    }
    case "PutItem":
      return `${keyOf(request.Item)} ${shortOf(request.Item)}`;
    case "Query": {
      const { ":pk": pk, ":from": from, ":to": to } = plain(request.ExpressionAttributeValues ?? {});
      return `${pk}${from === undefined ? "" : ` ${from} to ${to}`}`;
    }
    default: {
      const requests = Object.values(request.RequestItems ?? {}).flatMap((some) =>
        Array.isArray(some) ? some : (some as { Keys: Item[] }).Keys,
      );
      return requests.map((one) => batchedOf(one)).join(", ");
    }
  }
}

function batchedOf(one: { PutRequest?: { Item: Item }; DeleteRequest?: { Key: Item } } & Item): string {
  if (one.PutRequest !== undefined) return `put ${keyOf(one.PutRequest.Item)}`;
  if (one.DeleteRequest !== undefined) return `delete ${keyOf(one.DeleteRequest.Key)}`;
  return keyOf(one);
}

function keyOf(key: Item): string {
  const { pk, sk } = plain(key);
  return sk === 0 ? `${pk}` : `${pk} ${sk}`;
}

/** The fields that distinguish an item from others. */
function shortOf(item: Item): string {
  const { kind, id, head, seq, connectionId, text } = plain(item) as Record<string, string | number | undefined>;
  const shown = {
    kind,
    id,
    head,
    seq,
    text: text === undefined ? undefined : String(text).slice(0, 20),
    of: connectionId,
  };
  return Object.entries(shown)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name} ${value}`)
    .join(" ");
}
