import { QueryCommand, type QueryCommandInput } from "@aws-sdk/lib-dynamodb";
import type { Resource } from "../resource";
import { dynamodb } from "./client";
import type { Row } from "./conditionalWrite";

/** One page of a partition. */
export interface RowPage {
  rows: Row[];
  /** Key of the last row read; undefined on the last page. */
  last: Row | undefined;
}

/**
 * Reads a partition page by page, with consistent reads. Each page is read when the caller requests it.
 *
 * @param query `Limit` is the number of rows in a page, before filtering. @default pages of up to 1 MB
 */
export async function* queryPages(
  table: Resource<"Query">,
  query: Omit<QueryCommandInput, "TableName" | "ConsistentRead">,
): AsyncGenerator<RowPage> {
  let last = query.ExclusiveStartKey;
  do {
    const { Items = [], LastEvaluatedKey } = await dynamodb.send(
      new QueryCommand({ ...query, TableName: table, ConsistentRead: true, ExclusiveStartKey: last }),
    );
    last = LastEvaluatedKey;
    yield { rows: Items, last };
  } while (last !== undefined);
}

/** All rows of a partition whose sort keys begin with `sk`. */
export async function queryAll(table: Resource<"Query">, { pk, sk }: { pk: string; sk: string }): Promise<Row[]> {
  const all: Row[] = [];
  const pages = queryPages(table, {
    KeyConditionExpression: "pk = :pk AND begins_with(sk, :sk)",
    ExpressionAttributeValues: { ":pk": pk, ":sk": sk },
  });
  for await (const { rows } of pages) all.push(...rows);
  return all;
}
