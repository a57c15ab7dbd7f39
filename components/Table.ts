import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Grant } from "./grant";
import { resourceName } from "./names";
import { placeOf } from "./place";
import { type TaggedArgs, tagsOf } from "./tags";

/** Arguments of `Table`. */
export interface TableArgs extends TaggedArgs {
  /** Partition key; its type is string. */
  hashKey: pulumi.Input<string>;
  /** Sort key and its type: `S` string, `N` number. */
  rangeKey: { name: pulumi.Input<string>; type: pulumi.Input<"S" | "N"> };
  /**
   * Attribute with an item's expiry, in seconds since 1970; DynamoDB deletes the item some time after it.
   * @default no item expires
   */
  ttlAttribute?: pulumi.Input<string>;
  /**
   * Refuse to delete or replace the table, in Pulumi and in DynamoDB.
   * @default false
   */
  protect?: boolean;
}

/** Operations on one item or one partition, and Scan, which no message route should use. */
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
  /** Name of the table. Like the ARN, it is known before the table exists. */
  readonly tableName: string;
  /** `arn:aws:dynamodb:region:account:table/name` */
  readonly arn: pulumi.Output<string>;

  constructor(name: string, args: TableArgs, opts?: pulumi.ComponentResourceOptions) {
    super("chat:index:Table", name, args, opts);
    this.tableName = resourceName(name);
    this.arn = placeOf(opts).arn("dynamodb", `table/${this.tableName}`);
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
        tags: tagsOf(args),
      },
      { parent: this, protect },
    );
    this.registerOutputs({ tableName: this.tableName });
  }

  /** Grants these operations on this table; the environment variable holds the table's name. */
  grant<Operation extends TableOperation>(...operations: Operation[]): Grant<Operation> {
    return {
      value: this.tableName,
      namedBy: "us",
      statements: [
        { Effect: "Allow", Action: operations.map((operation) => `dynamodb:${operation}`), Resource: this.arn },
      ],
    };
  }
}
