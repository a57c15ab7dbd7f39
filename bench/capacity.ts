/** What a call of DynamoDB consumes, by table and partition. */

/** Units of 4 KB read, and of 1 KB written. */
export interface Units {
  read: number;
  write: number;
}

interface Capacity {
  TableName: string;
  CapacityUnits: number;
}

type Row = Record<string, { S?: string }>;

interface WriteRequest {
  PutRequest?: { Item: Row };
  DeleteRequest?: { Key: Row };
}

/** The parts of a request that say which rows it is about. */
export interface TableRequest {
  TableName?: string;
  Item?: Row;
  Key?: Row;
  ExpressionAttributeValues?: Row;
  RequestItems?: Record<string, WriteRequest[] | { Keys: Row[] }>;
}

export interface Consumed {
  table: string;
  partition: string;
  kind: keyof Units;
  units: number;
}

const READS = new Set(["GetItem", "BatchGetItem", "Query", "Scan"]);

export function kindOf(operation: string): keyof Units {
  return READS.has(operation) ? "read" : "write";
}

/** The rows' partition keys, with their tables. */
export function partitionsOf(request: TableRequest): { table: string; partition: string }[] {
  const { TableName = "", Item, Key, ExpressionAttributeValues, RequestItems } = request;
  if (RequestItems === undefined) {
    const pk = (Item ?? Key)?.pk?.S ?? ExpressionAttributeValues?.[":pk"]?.S ?? "";
    return [{ table: TableName, partition: pk }];
  }
  return Object.entries(RequestItems).flatMap(([table, requests]) =>
    ("Keys" in requests
      ? requests.Keys
      : requests.map(({ PutRequest, DeleteRequest }) => PutRequest?.Item ?? DeleteRequest?.Key)
    ).map((row) => ({ table, partition: row?.pk?.S ?? "" })),
  );
}

/**
 * @param reported the `ConsumedCapacity` of the answer; undefined for a call that failed. A page that is empty and a
 *   condition that fails are charged a unit, though that isn't reported here.
 */
export function consumedBy(
  operation: string,
  request: TableRequest,
  reported: Capacity | Capacity[] | undefined,
): Consumed[] {
  const kind = kindOf(operation);
  const rows = partitionsOf(request);
  const isBatch = request.RequestItems !== undefined;
  const units = [reported ?? []].flat().reduce((sum, { CapacityUnits }) => sum + CapacityUnits, 0);
  const isPage = operation === "Query" || operation === "Scan";
  const charged = (isPage && units < 1) || (reported === undefined && kind === "write" && !isBatch) ? 1 : units;
  return rows.map(({ table, partition }) => ({ table, partition, kind, units: charged / rows.length }));
}
