import { SignatureV4 } from "@smithy/signature-v4";
import { NodeSha256 } from "../../bench/nodeSha256.ts";
import type { operatorOf } from "../../local/identity/operator.ts";

export type Credentials = ReturnType<typeof operatorOf>["credentials"];

/** Sends a GET request that the SDK's signer has signed for a service. */
export async function signedGet(
  url: URL,
  { service, region, credentials }: { service: string; region: string; credentials: Credentials },
): Promise<Response> {
  const signer = new SignatureV4({ service, region, credentials, sha256: NodeSha256 });
  const { headers } = await signer.sign({
    method: "GET",
    protocol: "http:",
    hostname: url.hostname,
    path: url.pathname,
    headers: { host: url.host },
  });
  return fetch(url, { headers });
}
