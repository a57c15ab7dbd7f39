import type { IncomingMessage } from "node:http";
import type { Access, Caller } from "../access.ts";

/** What a signed request says about itself. */
export interface Signed {
  accessKeyId: string;
  region: string;
  /** The service that it is meant for, such as `dynamodb`. */
  service: string;
}

/** Reads the credential scope of Signature Version 4; undefined for a request that is not signed. */
export function readSignature(request: IncomingMessage): Signed | undefined {
  const header = request.headers.authorization ?? "";
  const scope = /^AWS4-HMAC-SHA256 .*?Credential=([^/,\s]+)\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request/.exec(header);
  if (scope === null) return undefined;
  const [, accessKeyId, region, service] = scope as unknown as [string, string, string, string];
  return { accessKeyId, region, service };
}

/** Who signed the request, for this service; undefined for anybody else. */
export function signerOf(
  request: IncomingMessage,
  access: Pick<Access, "callerOf">,
  service: string,
): Caller | undefined {
  const signed = readSignature(request);
  return signed?.service === service ? access.callerOf(signed.accessKeyId) : undefined;
}

/** The whole body of a request. */
export async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
