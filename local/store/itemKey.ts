import type { Item } from "./dynalite.ts";

export interface KeyedTable {
  TableName: string;
  KeySchema: { AttributeName: string }[];
}

/** An item's key attributes, the partition key first. */
export function itemKey({ KeySchema }: KeyedTable, item: Item): Item {
  return Object.fromEntries(KeySchema.map(({ AttributeName }) => [AttributeName, item?.[AttributeName]]));
}
