import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Grant } from "./grant";
import { arn, resourceName } from "./names";

/** Arguments of `Table`. */
export interface TableArgs {
  /** Partition key, a string. */
  hashKey: string;
  /** Sort key and its type: `S` string, `N` number. */
  rangeKey: { name: string; type: "S" | "N" };
  /**
   * Attribute that holds the time, in seconds since 1970, after which DynamoDB may delete an item.
   * @default no item expires
   */
  ttlAttribute?: string;
  /**
   * Refuse to delete or replace the table, in Pulumi and in DynamoDB.
   * @default false
   */
  protect?: boolean;
}

/** The operations on one item or one partition; and Scan, which no route has any business with. */
export type TableOperation =
  | "BatchGetItem"
  | "BatchWriteItem"
  | "DeleteItem"
  | "GetItem"
  | "PutItem"
  | "Query"
  | "Scan"
  | "UpdateItem";

/** An on-demand DynamoDB table with server-side encryption and point-in-time recovery. */
export class Table extends pulumi.ComponentResource {
  readonly tableName: string;
  readonly #arn: pulumi.Output<string>;

  constructor(name: string, args: TableArgs, opts?: pulumi.ComponentResourceOptions) {
    super("chat:index:Table", name, args, opts);
    this.tableName = resourceName(name);
    this.#arn = arn("dynamodb", `table/${this.tableName}`);
    const { hashKey, rangeKey, ttlAttribute, protect = false } = args;

    new aws.dynamodb.Table(
      name,
      {
        name: this.tableName,
        billingMode: "PAY_PER_REQUEST",
        hashKey,
        rangeKey: rangeKey.name,
        attributes: [
          { name: hashKey, type: "S" },
          { name: rangeKey.name, type: rangeKey.type },
        ],
        ...(ttlAttribute === undefined ? {} : { ttl: { attributeName: ttlAttribute, enabled: true } }),
        serverSideEncryption: { enabled: true },
        pointInTimeRecovery: { enabled: true },
        deletionProtectionEnabled: protect,
      },
      { parent: this, protect },
    );
    this.registerOutputs({ tableName: this.tableName });
  }

  /** The right to call these operations on this table; its variable holds the table's name. */
  grant<Operation extends TableOperation>(...operations: Operation[]): Grant<Operation> {
    return {
      value: this.tableName,
      namedBy: "us",
      statements: [
        { Effect: "Allow", Action: operations.map((operation) => `dynamodb:${operation}`), Resource: this.#arn },
      ],
    };
  }
}
