/** Computes what a DynamoDB call consumes, by table and partition. */

/** Read units (4 KB each) and write units (1 KB each). */
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

/** The parts of a request that identify its rows. */
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

/** Partition keys of the rows, with their tables. */
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
 * Units that a call consumes, divided evenly among its rows.
 *
 * @param reported the answer's `ConsumedCapacity`; undefined for a call that failed. DynamoDB also charges one unit for
 *   an empty page and for a failed condition, which the local DynamoDB doesn't report.
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
