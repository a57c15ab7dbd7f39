/** Tables, both those that programs define and those that calls create, and their descriptions. */
import { isDeepStrictEqual } from "node:util";
import { type AwsError, awsError } from "./awsError.ts";
import type { Dynalite, Item } from "./dynalite.ts";
import type { Gate } from "./gate.ts";
import { STREAM_LABEL } from "./streamLabel.ts";
import type { Streams, StreamViewType } from "./streams.ts";
import type { TimeToLive } from "./timeToLive.ts";

export interface TableIndex {
  IndexName: string;
  KeySchema: { AttributeName: string; KeyType: "HASH" | "RANGE" }[];
  Projection: { ProjectionType: string; NonKeyAttributes?: string[] };
}

export interface TableDefinition {
  TableName: string;
  KeySchema: { AttributeName: string; KeyType: "HASH" | "RANGE" }[];
  AttributeDefinitions: { AttributeName: string; AttributeType: string }[];
  GlobalSecondaryIndexes?: TableIndex[];
  LocalSecondaryIndexes?: TableIndex[];
  ttlAttribute?: string;
  streamViewType?: StreamViewType;
  tags?: Record<string, string>;
  deletionProtection?: boolean;
}

interface Deps {
  dynalite: Dynalite;
  gate: Gate;
  streams: Streams;
  ttl: TimeToLive;
}

export class Tables {
  readonly #dynalite: Dynalite;
  readonly #gate: Gate;
  readonly #streams: Streams;
  readonly #ttl: TimeToLive;
  /** Names of the tables with deletion protection. */
  readonly #protected = new Set<string>();

  constructor({ dynalite, gate, streams, ttl }: Deps) {
    this.#dynalite = dynalite;
    this.#gate = gate;
    this.#streams = streams;
    this.#ttl = ttl;
  }

  /**
   * Creates a table, or uses the one that an earlier run left.
   *
   * @returns whether it was created
   * @throws Error if the existing table has different keys
   */
  async define({ ttlAttribute, streamViewType, tags, ...rest }: TableDefinition): Promise<boolean> {
    const { deletionProtection = false, ...definition } = rest;
    this.#protect(definition.TableName, deletionProtection);
    if (ttlAttribute !== undefined) this.#ttl.set(definition.TableName, ttlAttribute);
    this.#streams.set(definition, streamViewType);
    const known = await this.#dynalite.run("DescribeTable", { TableName: definition.TableName }).catch(() => undefined);
    if (known !== undefined) {
      const { KeySchema } = known.Table as unknown as TableDefinition;
      if (JSON.stringify(KeySchema) === JSON.stringify(definition.KeySchema)) return false;
      throw new Error(
        `the table ${definition.TableName} of an earlier run has different keys (${JSON.stringify(KeySchema)}): ` +
          "a key cannot be changed in place; copy its items into a table with another name, or start with an empty folder",
      );
    }
    await this.#dynalite.run("CreateTable", { BillingMode: "PAY_PER_REQUEST", ...definition });
    await this.#whenActive(definition.TableName);
    await this.#tag(definition.TableName, tags);
    return true;
  }

  /** Creates the table if it doesn't exist; otherwise changes its indexes and TTL and keeps its items. */
  async redefine(definition: TableDefinition): Promise<void> {
    const { TableName, ttlAttribute } = definition;
    if (ttlAttribute === undefined) this.#ttl.delete(TableName);
    if (await this.define(definition)) return;
    const { Table } = await this.#dynalite.run("DescribeTable", { TableName });
    if (isDeepStrictEqual(indexesOf(Table as unknown as TableDefinition), indexesOf(definition))) return;
    // Other calls wait, because the table is deleted and created again.
    await this.#gate.alone(() => this.#recreate(definition));
  }

  async #recreate(definition: TableDefinition): Promise<void> {
    const { TableName } = definition;
    const items: Item[] = [];
    let page: Item = {};
    do {
      page = await this.#dynalite.run("Scan", {
        TableName,
        ...(page.LastEvaluatedKey ? { ExclusiveStartKey: page.LastEvaluatedKey } : {}),
      });
      items.push(...(page.Items as Item[]));
    } while (page.LastEvaluatedKey);
    await this.remove(TableName);
    await this.define(definition);
    // These items aren't new, so they must not cause stream records.
    this.#streams.remove(TableName);
    for (const Item of items) await this.#dynalite.run("PutItem", { TableName, Item });
    this.#streams.set(definition, definition.streamViewType);
  }

  /** Deletes a table. A missing table isn't an error. */
  async remove(TableName: string): Promise<void> {
    const isThere = () =>
      this.#dynalite.run("DescribeTable", { TableName }).then(
        () => true,
        () => false,
      );
    if (!(await isThere())) return;
    this.#protect(TableName, false);
    await this.delete({ TableName });
    while (await isThere()) await new Promise((resolve) => setTimeout(resolve, 2));
  }

  #protect(TableName: string, isProtected: boolean): void {
    if (isProtected) this.#protected.add(TableName);
    else this.#protected.delete(TableName);
  }

  async #tag(TableName: string, tags: Record<string, string> = {}): Promise<void> {
    const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
    if (Tags.length === 0) return;
    const { Table } = await this.#dynalite.run("DescribeTable", { TableName });
    await this.#dynalite.run("TagResource", { ResourceArn: (Table as Item).TableArn, Tags });
  }

  async #whenActive(TableName: string): Promise<void> {
    while (((await this.#dynalite.run("DescribeTable", { TableName })).Table as Item).TableStatus !== "ACTIVE") {
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }

  async create(data: Item): Promise<Item> {
    try {
      const created = await this.#dynalite.run("CreateTable", data);
      this.#protect(String(data.TableName), data.DeletionProtectionEnabled === true);
      return created;
    } catch (error) {
      if (!String((error as AwsError).body?.__type).endsWith("ResourceInUseException")) throw error;
      throw awsError("ResourceInUseException", `Table already exists: ${data.TableName}`);
    }
  }

  async describe(data: Item): Promise<Item> {
    const { Table } = await this.#dynalite.run("DescribeTable", data);
    const table = Table as Item;
    const view = this.#streams.viewOf(String(table.TableName));
    return {
      Table: {
        ...table,
        DeletionProtectionEnabled: this.#protected.has(String(table.TableName)),
        ...(view === undefined
          ? {}
          : { StreamSpecification: { StreamEnabled: true, StreamViewType: view }, ...streamNames(table.TableArn) }),
      },
    };
  }

  async delete(data: Item): Promise<Item> {
    const TableName = String(data.TableName);
    if (this.#protected.has(TableName)) {
      throw awsError(
        "ValidationException",
        "Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.",
      );
    }
    this.#ttl.delete(TableName);
    this.#streams.remove(TableName);
    return this.#dynalite.run("DeleteTable", data);
  }
}

function streamNames(tableArn: unknown): Item {
  return { LatestStreamArn: `${tableArn}/stream/${STREAM_LABEL}`, LatestStreamLabel: STREAM_LABEL };
}

/** A table's global secondary indexes by name, to compare them regardless of their order. */
function indexesOf({ GlobalSecondaryIndexes = [] }: TableDefinition) {
  return new Map(
    GlobalSecondaryIndexes.map(({ IndexName, KeySchema, Projection }) => [IndexName, { KeySchema, Projection }]),
  );
}
