/** Deletes expired items. */
import type { AwsError } from "./awsError.ts";
import type { Dynalite, Item } from "./dynalite.ts";
import type { Gate } from "./gate.ts";
import { itemKey, type KeyedTable } from "./itemKey.ts";
import type { Streams } from "./streams.ts";
import type { TimeToLive } from "./timeToLive.ts";

/** Interval between sweeps. Readers must ignore expired items anyway, because AWS may take days to delete them. */
const SWEEP_EVERY_MS = 60_000;

interface Deps {
  dynalite: Dynalite;
  gate: Gate;
  streams: Streams;
  ttl: TimeToLive;
}

export class Expiry {
  readonly #deps: Deps;
  readonly #sweeper: NodeJS.Timeout;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#sweeper = setInterval(() => void this.sweep(Date.now()), SWEEP_EVERY_MS);
    this.#sweeper.unref();
  }

  end(): void {
    clearInterval(this.#sweeper);
  }

  /**
   * Deletes expired items, as DynamoDB does in the background.
   *
   * @param now milliseconds since 1970
   */
  async sweep(now: number): Promise<void> {
    const { ttl } = this.#deps;
    for (const [TableName, attribute] of [...ttl])
      await this.#sweepTable(TableName, attribute, now).catch(ignoreDeleted);
  }

  async #sweepTable(TableName: string, attribute: string, now: number): Promise<void> {
    const { dynalite } = this.#deps;
    const table = (await dynalite.run("DescribeTable", { TableName })).Table as KeyedTable;
    const expired = {
      ExpressionAttributeNames: { "#ttl": attribute },
      ExpressionAttributeValues: { ":now": { N: String(Math.floor(now / 1000)) } },
    };
    let page: Item = {};
    do {
      page = await dynalite.run("Scan", {
        TableName,
        FilterExpression: "#ttl < :now",
        ...expired,
        ...(page.LastEvaluatedKey ? { ExclusiveStartKey: page.LastEvaluatedKey } : {}),
      });
      for (const item of page.Items as Item[]) {
        const deletion = { TableName, Key: itemKey(table, item), ConditionExpression: "#ttl < :now", ...expired };
        await this.#expire(deletion).catch(ignoreRenewed);
      }
    } while (page.LastEvaluatedKey);
  }

  /** Deletes an item while nothing else runs, so that no other deletion is mistaken for an expiry. */
  #expire(deletion: Item): Promise<Item> {
    const { dynalite, gate, streams } = this.#deps;
    return gate.alone(async () => {
      streams.expiring = true;
      try {
        return await dynalite.run("DeleteItem", deletion);
      } finally {
        streams.expiring = false;
      }
    });
  }
}

/** The item got a later expiry while it was being deleted. */
function ignoreRenewed(error: AwsError): void {
  if (!String(error.body?.__type).endsWith("ConditionalCheckFailedException")) throw error;
}

/** The table was deleted during the sweep. */
function ignoreDeleted(error: AwsError): void {
  if (!String(error.body?.__type).endsWith("ResourceNotFoundException")) throw error;
}
