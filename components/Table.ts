import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Grant } from "./grant";
import { resourceName } from "./names";
import { placeOf } from "./place";
import { type TaggedArgs, tagsOf } from "./tags";

/** Arguments of `Table`. */
export interface TableArgs extends TaggedArgs {
  /** Partition key, a string. */
  hashKey: pulumi.Input<string>;
  /** Sort key and its type: `S` string, `N` number. */
  rangeKey: { name: pulumi.Input<string>; type: pulumi.Input<"S" | "N"> };
  /**
   * Attribute that holds the time, in seconds since 1970, after which DynamoDB may delete an item.
   * @default no item expires
   */
  ttlAttribute?: pulumi.Input<string>;
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
  /** Known before the table is there, as its ARN is. */
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
