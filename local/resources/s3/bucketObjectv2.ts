import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { zipSync } from "fflate";
import { newObject, type StoredObject } from "../../buckets/bucket.ts";
import type { Draft } from "../../draft.ts";
import { type Code, filesOf } from "../../functions/code.ts";
import type { Inputs, Made, Resource } from "../model.ts";
import { bucketOf } from "./bucketOf.ts";

export function outputs({ inputs }: { inputs: Inputs }): Made {
  return { id: `${inputs.bucket}/${inputs.key}`, arn: `arn:aws:s3:::${inputs.bucket}/${inputs.key}` };
}

export async function serve({ inputs }: Resource, draft: Draft): Promise<void> {
  const bucket = bucketOf(draft, inputs.bucket);
  const body = await bodyOf(inputs, draft.assetFolder);
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
async function bodyOf({ key, source, content, contentBase64 }: Inputs, assetFolder: string): Promise<Buffer> {
  if (contentBase64 !== undefined) return Buffer.from(contentBase64, "base64");
  const path = typeof source === "string" ? source : source?.path;
  try {
    const isFolder = path !== undefined && (await stat(resolve(assetFolder, path))).isDirectory();
    if (isFolder || source?.assets !== undefined) return await zipped(source, assetFolder);
    if (path !== undefined) return await readFile(resolve(assetFolder, path));
  } catch (error) {
    throw new Error(`the object ${key} can't be read from ${path ?? "an archive"}: ${(error as Error).message}`);
  }
  const text = content ?? source?.text;
  if (text !== undefined || source === undefined) return Buffer.from(text ?? "");
  throw new Error(`the object ${key} has a source that is neither text nor a file: the local cloud doesn't read URLs`);
}

/** An archive as a .zip file. The files in it have a fixed time, so that the same files always give the same object. */
async function zipped(archive: Code, assetFolder: string): Promise<Buffer> {
  const files = [...(await filesOf(archive, assetFolder))];
  return Buffer.from(
    zipSync(Object.fromEntries(files.map(([name, content]) => [name, Buffer.from(content)])), { mtime: "1980-01-01" }),
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
