/** The implementations of a put that bench/dynamodb.ts compares. */
import { Agent, request } from "node:http";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, PutCommand } from "@aws-sdk/lib-dynamodb";
import { dynamodb } from "../chat/tables/client.ts";
import type { Ways } from "./compareWays.ts";

const ROW = {
  pk: "CONN#conn-0123456789=",
  sk: "#",
  connectionId: "conn-0123456789=",
  user: { id: "00000000-0000-4000-8000-000000000000", name: "Ana" },
  connectedAt: 1_764_460_800_000,
  tokenExpiresAt: 1_764_464_400_000,
  expiresAt: 1_764_468_600,
};

export function startWays(url: string, puts: number): Ways {
  const asItComes = DynamoDBDocumentClient.from(new DynamoDBClient({}));
  const agent = new Agent({ keepAlive: true });
  const { hostname, port } = new URL(url);
  const body = JSON.stringify({ TableName: "connections", Item: ROW });
  const bare = () =>
    new Promise<void>((resolve, reject) => {
      const sent = request({ method: "POST", hostname, port, agent, headers: { "content-length": body.length } });
      sent.on("response", (response) => response.resume().on("end", resolve)).on("error", reject);
      sent.end(body);
    });
  const put = (client: DynamoDBDocumentClient) => async () => {
    await client.send(new PutCommand({ TableName: "connections", Item: ROW }));
  };
  /** Makes the calls one after the other, as a function does. */
  const repeated = (call: () => Promise<void>) => async () => {
    for (let i = 0; i < puts; i++) await call();
  };
  return {
    "bare http.request": repeated(bare),
    ours: repeated(put(dynamodb)),
    "the SDK's client as it comes": repeated(put(asItComes)),
  };
}
