import type { Draft } from "../../draft.ts";
import { LOWERCASE, stableId } from "../../stableId.ts";
import { STREAM_LABEL } from "../../store/streamLabel.ts";
import type { TableIndex } from "../../store/tables.ts";
import type { Inputs, Made, Place, Resource } from "../model.ts";

export function outputs({ urn, name, inputs }: { urn: string; name: string; inputs: Inputs }, place: Place): Made {
  const tableName = inputs.name ?? longEnough(name, urn);
  const arn = place.arnOf("dynamodb", `table/${tableName}`);
  return {
    id: tableName,
    name: tableName,
    arn,
    streamArn: inputs.streamEnabled ? `${arn}/stream/${STREAM_LABEL}` : "",
    streamLabel: inputs.streamEnabled ? STREAM_LABEL : "",
  };
}

/** Adds eight characters to a short name, as Pulumi does, because DynamoDB refuses names shorter than three. */
function longEnough(name: string, urn: string): string {
  return name.length < 3 ? `${name}-${stableId(urn, LOWERCASE, 7)}` : name;
}

export async function serve({ id, inputs }: Resource, draft: Draft): Promise<void> {
  const { hashKey, rangeKey, attributes = [], globalSecondaryIndexes, localSecondaryIndexes, ttl, tags } = inputs;
  const { streamEnabled, streamViewType = "NEW_AND_OLD_IMAGES", deletionProtectionEnabled } = inputs;
  await draft.addTable({
    TableName: id,
    KeySchema: keySchema(hashKey, rangeKey),
    AttributeDefinitions: attributes.map(({ name, type }: Inputs) => ({ AttributeName: name, AttributeType: type })),
    ...(globalSecondaryIndexes === undefined ? {} : { GlobalSecondaryIndexes: globalSecondaryIndexes.map(indexOf) }),
    ...(localSecondaryIndexes === undefined
      ? {}
      : { LocalSecondaryIndexes: localSecondaryIndexes.map((index: Inputs) => indexOf({ ...index, hashKey })) }),
    ...(streamEnabled ? { streamViewType } : {}),
    ...(tags === undefined ? {} : { tags }),
    ...(deletionProtectionEnabled ? { deletionProtection: true } : {}),
    ...(ttl?.enabled ? { ttlAttribute: ttl.attributeName } : {}),
  });
}

function indexOf({ name, hashKey, rangeKey, projectionType, nonKeyAttributes }: Inputs): TableIndex {
  return {
    IndexName: name,
    KeySchema: keySchema(hashKey, rangeKey),
    Projection: { ProjectionType: projectionType, ...(nonKeyAttributes ? { NonKeyAttributes: nonKeyAttributes } : {}) },
  };
}

function keySchema(hashKey: string, rangeKey: string | undefined) {
  return [
    { AttributeName: hashKey, KeyType: "HASH" as const },
    ...(rangeKey === undefined ? [] : [{ AttributeName: rangeKey, KeyType: "RANGE" as const }]),
  ];
}
