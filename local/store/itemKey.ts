import type { Item } from "./dynalite.ts";

export interface KeyedTable {
  TableName: string;
  KeySchema: { AttributeName: string }[];
}

/** The attributes of a table's key, the partition key first. */
export function itemKey({ KeySchema }: KeyedTable, item: Item): Item {
  return Object.fromEntries(KeySchema.map(({ AttributeName }) => [AttributeName, item?.[AttributeName]]));
}
