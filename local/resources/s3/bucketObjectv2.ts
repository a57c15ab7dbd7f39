import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { newObject, type StoredObject } from "../../buckets/bucket.ts";
import type { Draft } from "../../draft.ts";
import type { Inputs, Made, Resource } from "../model.ts";
import { bucketOf } from "./bucketOf.ts";

export function outputs({ inputs }: { inputs: Inputs }): Made {
  return { id: `${inputs.bucket}/${inputs.key}`, arn: `arn:aws:s3:::${inputs.bucket}/${inputs.key}` };
}

export async function serve({ inputs }: Resource, draft: Draft): Promise<void> {
  const bucket = bucketOf(draft, inputs.bucket);
  const body = await bodyOf(inputs, draft.programFolder);
  const { acl, key } = inputs;
  if (acl !== undefined && acl !== "private" && bucket.objectOwnership === "BucketOwnerEnforced") {
    throw new Error(`AccessControlListNotSupported: The bucket does not allow ACLs: the object ${key} has "${acl}"`);
  }
  const object: StoredObject = {
    ...newObject(body, headersOf(inputs), Date.now()),
    ...(acl === undefined ? {} : { acl }),
  };
  bucket.register(key, object);
}

/** @throws Error naming the object whose content can't be read, and why */
async function bodyOf({ key, source, content, contentBase64 }: Inputs, programFolder: string): Promise<Buffer> {
  if (contentBase64 !== undefined) return Buffer.from(contentBase64, "base64");
  const path = typeof source === "string" ? source : source?.path;
  if (path !== undefined) {
    return readFile(resolve(programFolder, path)).catch((error) => {
      throw new Error(`the object ${key} is read from ${path}, which failed: ${error.message}`);
    });
  }
  const text = content ?? source?.text;
  if (text !== undefined || source === undefined) return Buffer.from(text ?? "");
  throw new Error(
    `the object ${key} has a source that is neither text nor a file: the local cloud doesn't read archives and URLs`,
  );
}

function headersOf(inputs: Inputs): Record<string, string> {
  const named = {
    "content-type": inputs.contentType ?? "application/octet-stream",
    "cache-control": inputs.cacheControl,
    "content-disposition": inputs.contentDisposition,
    "content-encoding": inputs.contentEncoding,
    "content-language": inputs.contentLanguage,
    "x-amz-storage-class": inputs.storageClass,
    "x-amz-website-redirect-location": inputs.websiteRedirect,
    ...Object.fromEntries(Object.entries(inputs.metadata ?? {}).map(([name, value]) => [`x-amz-meta-${name}`, value])),
  };
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
}
