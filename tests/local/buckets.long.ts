/** S3 buckets, tested with the SDK's own client: objects, lists, permissions and notifications. */
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketAclCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { SignatureV4 } from "@smithy/signature-v4";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { NodeSha256 } from "../../bench/nodeSha256.ts";
import { Bucket, newObject } from "../../local/buckets/bucket.ts";
import { systemClock } from "../../local/clock.ts";
import type { Cloud } from "../../local/cloud.ts";
import { operatorOf } from "../../local/identity/operator.ts";
import { lossesOf } from "../../local/losses.ts";
import type { Report } from "../../local/report.ts";
import { startProgram } from "./startProgram.ts";
import { WAIT } from "./testClock.ts";

let cloud: Cloud;
let reports: Report[];
let s3: S3Client;

beforeAll(async () => {
  const folder = fileURLToPath(new URL("../programs/thumbnails", import.meta.url));
  const started = await startProgram(folder, "../../../tsconfig.pulumi.json", systemClock);
  ({ cloud, reports } = started);
  await started.deployed;
  s3 = new S3Client(operatorOf(cloud));
});
afterAll(() => cloud.stop());

const lines = () => reports.flatMap((report) => (report.event === "log" ? [report.line] : []));
const bodies = (name: string) =>
  (cloud.queues.get(cloud.arnOf("sqs", name))?.messages ?? []).map(({ body }) => JSON.parse(body));
const put = (Bucket: string, Key: string, Body = "x") => s3.send(new PutObjectCommand({ Bucket, Key, Body }));

describe("an object", () => {
  const Bucket = "documents";

  it("is read as it was stored, with its type and metadata", async () => {
    const Key = "folder/a b+c/ü&<.txt";
    const stored = await s3.send(
      new PutObjectCommand({ Bucket, Key, Body: "hello", ContentType: "text/plain", Metadata: { color: "green" } }),
    );
    expect(stored.ETag).toBe('"5d41402abc4b2a76b9719d911017c592"');
    const found = await s3.send(new GetObjectCommand({ Bucket, Key }));
    expect(await found.Body?.transformToString()).toBe("hello");
    const described = { ETag: stored.ETag, ContentType: "text/plain", Metadata: { color: "green" }, ContentLength: 5 };
    expect(found).toMatchObject(described);
    expect(await s3.send(new HeadObjectCommand({ Bucket, Key }))).toMatchObject(described);
    const part = await s3.send(new GetObjectCommand({ Bucket, Key, Range: "bytes=1-3" }));
    expect([await part.Body?.transformToString(), part.ContentRange]).toEqual(["ell", "bytes 1-3/5"]);
    await expect(s3.send(new GetObjectCommand({ Bucket, Key, Range: "bytes=9-" }))).rejects.toMatchObject({
      name: "InvalidRange",
    });
  });

  it("may be uploaded as a stream and in parts", async () => {
    const Body = Readable.from(["one ", "two"]);
    await s3.send(new PutObjectCommand({ Bucket, Key: "stream", Body, ContentLength: 7 }));
    const streamed = await s3.send(new GetObjectCommand({ Bucket, Key: "stream" }));
    expect([await streamed.Body?.transformToString(), streamed.ContentEncoding]).toEqual(["one two", undefined]);

    const Key = "parts";
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key, ContentType: "video/mp4" }));
    const upload = (PartNumber: number, content: string | Buffer) =>
      s3.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body: content }));
    const first = await upload(1, Buffer.alloc(5 * 2 ** 20, "a"));
    const second = await upload(2, "end");
    const Parts = [
      { PartNumber: 1, ETag: first.ETag },
      { PartNumber: 2, ETag: second.ETag },
    ];
    const complete = (parts: typeof Parts) =>
      s3.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts: parts } }));
    await expect(complete(Parts.toReversed())).rejects.toMatchObject({ name: "InvalidPartOrder" });
    const { ETag } = await complete(Parts);
    expect(ETag).toMatch(/-2"$/);
    expect(await s3.send(new HeadObjectCommand({ Bucket, Key }))).toMatchObject({
      ContentLength: 5 * 2 ** 20 + 3,
      ContentType: "video/mp4",
      ETag,
    });
    await expect(s3.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }))).rejects.toMatchObject({
      name: "NoSuchUpload",
    });
  });

  it("is copied, with its own metadata or new metadata", async () => {
    await s3.send(new PutObjectCommand({ Bucket, Key: "from é", Body: "text", Metadata: { a: "1" } }));
    const CopySource = encodeURIComponent(`${Bucket}/from é`);
    await s3.send(new CopyObjectCommand({ Bucket, Key: "to", CopySource }));
    const copied = await s3.send(new GetObjectCommand({ Bucket, Key: "to" }));
    expect([await copied.Body?.transformToString(), copied.Metadata]).toEqual(["text", { a: "1" }]);
    await s3.send(
      new CopyObjectCommand({ Bucket, Key: "to", CopySource, MetadataDirective: "REPLACE", Metadata: { b: "2" } }),
    );
    expect((await s3.send(new HeadObjectCommand({ Bucket, Key: "to" }))).Metadata).toEqual({ b: "2" });
    const itself = new CopyObjectCommand({ Bucket, Key: "to", CopySource: `${Bucket}/to` });
    await expect(s3.send(itself)).rejects.toMatchObject({ name: "InvalidRequest" });
  });

  it("is written and read conditionally", async () => {
    const Key = "once";
    const create = () => s3.send(new PutObjectCommand({ Bucket, Key, Body: "1", IfNoneMatch: "*" }));
    const { ETag } = await create();
    await expect(create()).rejects.toMatchObject({ name: "PreconditionFailed", $metadata: { httpStatusCode: 412 } });
    await expect(s3.send(new PutObjectCommand({ Bucket, Key, Body: "2", IfMatch: '"other"' }))).rejects.toMatchObject({
      name: "PreconditionFailed",
    });
    await expect(s3.send(new GetObjectCommand({ Bucket, Key, IfNoneMatch: ETag }))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 304 },
    });
    await expect(
      s3.send(new PutObjectCommand({ Bucket, Key, Body: "2", ChecksumSHA256: "AAAA" })),
    ).rejects.toMatchObject({ name: "BadDigest" });
  });

  it("that doesn't exist gets S3's error, whether or not its bucket exists", async () => {
    const missing = { Bucket, Key: "missing" };
    await expect(s3.send(new GetObjectCommand(missing))).rejects.toMatchObject({ name: "NoSuchKey" });
    await expect(s3.send(new HeadObjectCommand(missing))).rejects.toMatchObject({ name: "NotFound" });
    await expect(put("nowhere", "x")).rejects.toMatchObject({ name: "NoSuchBucket" });
    await expect(s3.send(new HeadBucketCommand({ Bucket: "nowhere" }))).rejects.toMatchObject({ name: "NotFound" });
    expect((await s3.send(new DeleteObjectCommand(missing))).$metadata.httpStatusCode).toBe(204);
    await expect(s3.send(new GetBucketAclCommand({ Bucket }))).rejects.toMatchObject({ name: "NotImplemented" });
  });
});

describe("a list", () => {
  const Bucket = "site";

  it("is sorted by key and paged, and groups common prefixes", async () => {
    const keys = ["a.txt", "logs/1", "logs/2", "logs/3", "logs/é", "z"];
    await Promise.all(keys.map((key) => put(Bucket, `list/${key}`)));
    const list = (more: object) => s3.send(new ListObjectsV2Command({ Bucket, Prefix: "list/", ...more }));
    const all = await list({});
    expect(all.Contents?.map(({ Key }) => Key)).toEqual(keys.map((key) => `list/${key}`));
    expect([all.KeyCount, all.IsTruncated]).toEqual([6, false]);

    const seen: unknown[] = [];
    let ContinuationToken: string | undefined;
    do {
      const page = await list({ Delimiter: "/", MaxKeys: 1, ContinuationToken });
      seen.push(
        ...(page.Contents ?? []).map(({ Key }) => Key),
        ...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix),
      );
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined);
    expect(seen).toEqual(["list/a.txt", "list/logs/", "list/z"]);
    expect((await list({ StartAfter: "list/logs/3", EncodingType: "url" })).Contents?.map(({ Key }) => Key)).toEqual([
      "list/logs/%C3%A9",
      "list/z",
    ]);
    const first = await s3.send(new ListObjectsCommand({ Bucket, Prefix: "list/", MaxKeys: 2 }));
    expect([first.Contents?.length, first.IsTruncated]).toEqual([2, true]);
  });

  it("contains the program's own objects, and the list of buckets contains the program's buckets", async () => {
    const { Buckets } = await s3.send(new ListBucketsCommand({}));
    expect(Buckets?.map(({ Name }) => Name)).toEqual(["documents", "pictures", "site"]);
    const page = await s3.send(new GetObjectCommand({ Bucket, Key: "index.html" }));
    expect(page).toMatchObject({ ContentType: "text/html", Metadata: { color: "green" } });
    expect(await page.Body?.transformToString()).toBe("<h1>hello</h1>\n");
  });

  it("of keys to delete is answered with the deleted keys", async () => {
    await put(Bucket, "delete/<1>");
    const Objects = [{ Key: "delete/<1>" }, { Key: "delete/2" }];
    const { Deleted, Errors } = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    expect([Deleted, Errors]).toEqual([Objects, undefined]);
    expect((await s3.send(new ListObjectsV2Command({ Bucket, Prefix: "delete/" }))).KeyCount).toBe(0);
  });
});

describe("a change in a bucket", () => {
  it("invokes the functions whose suffix it matches, and they reach the bucket with their own client", async () => {
    await put("pictures", "my cat.png", "cat");
    await vi.waitFor(() => expect(lines().join("\n")).toContain('{"thumbnail":["ObjectCreated:Put"'), WAIT);
    const thumbnail = await s3.send(new GetObjectCommand({ Bucket: "pictures", Key: "my cat.jpg" }));
    expect([await thumbnail.Body?.transformToString(), thumbnail.ContentType]).toEqual(["small cat", "image/jpeg"]);
    const [json = ""] = lines().flatMap((line) => /\{"thumbnail.*\}/.exec(line) ?? []);
    expect(JSON.parse(json).thumbnail[1]).toMatchObject({ key: "my+cat.jpg", size: 9, eTag: expect.any(String) });
    await s3.send(new DeleteObjectCommand({ Bucket: "pictures", Key: "my cat.png" }));
    await vi.waitFor(() => expect(lines().join("\n")).toContain('{"removed":["my+cat.png"]}'), WAIT);
  });

  it("goes to a queue, a topic and the default bus, each with its filter", async () => {
    await put("documents", "in/ä b");
    await put("documents", "out");
    await s3.send(new CopyObjectCommand({ Bucket: "documents", Key: "in/copy", CopySource: "documents/out" }));
    const events = bodies("changes").flatMap(({ Records }) => Records);
    expect(events.map(({ eventName, s3: { object } }) => [eventName, object.key])).toEqual([
      ["ObjectCreated:Put", "in/%C3%A4+b"],
      ["ObjectCreated:Copy", "in/copy"],
    ]);
    expect(events[0].s3.object.sequencer < events[1].s3.object.sequencer).toBe(true);
    expect(bodies("bus").map(({ detail }) => [detail.reason, detail.object.key])).toEqual([
      ["PutObject", "in/ä b"],
      ["CopyObject", "in/copy"],
    ]);
    await s3.send(new DeleteObjectCommand({ Bucket: "documents", Key: "in/copy" }));
    expect(bodies("archive").flatMap(({ Records }) => Records)).toEqual([
      expect.objectContaining({ eventName: "ObjectRemoved:Delete" }),
    ]);
  });

  it("doesn't reach a queue without a policy that allows it, and the missing statement is reported", async () => {
    await put("documents", "closed/x");
    expect(bodies("closed")).toEqual([]);
    expect(reports).toContainEqual(
      expect.objectContaining({ event: "denied", caller: "s3.amazonaws.com", resource: cloud.arnOf("sqs", "closed") }),
    );
  });
});

describe("access to a bucket", () => {
  const url = (path: string) => `${cloud.endpointUrl}/${path}`;

  it("is granted to a role as far as its policies allow, without revealing whether an object exists", async () => {
    const lambda = new LambdaClient(operatorOf(cloud));
    const ask = async (Key: string, reads = false) => {
      const Payload = JSON.stringify({ Bucket: "documents", Key, reads });
      const answer = await lambda.send(new InvokeCommand({ FunctionName: "narrow", Payload }));
      return JSON.parse(Buffer.from(answer.Payload ?? []).toString());
    };
    expect(await ask("narrow/x")).toBe("done");
    expect(await ask("wide/x")).toBe("AccessDenied");
    expect(await ask("narrow/x", true)).toBe("done");
    expect(await ask("narrow/missing", true)).toBe("AccessDenied");
  });

  it("is granted to everyone if a policy allows it and nothing blocks it, and not otherwise", async () => {
    const page = await fetch(url("site/index.html"));
    expect([page.status, page.headers.get("content-type"), await page.text()]).toEqual([
      200,
      "text/html",
      "<h1>hello</h1>\n",
    ]);
    for (const path of ["site/note.txt", "site", "documents/out", "site/missing.html"]) {
      const refused = await fetch(url(path));
      expect([path, refused.status]).toEqual([path, 403]);
      expect(await refused.text()).toContain("<Code>AccessDenied</Code>");
    }
    expect((await fetch(url("site/new.html"), { method: "PUT", body: "x" })).status).toBe(403);
  });

  it("is granted to anyone with a presigned URL until it expires", async () => {
    await put("documents", "shared", "for you");
    const { credentials, region } = operatorOf(cloud);
    const signer = new SignatureV4({ service: "s3", region, credentials, sha256: NodeSha256, uriEscapePath: false });
    const { host, hostname, port } = new URL(cloud.endpointUrl);
    const presign = async (method: string, signingDate: Date) => {
      const request = {
        method,
        protocol: "http:",
        hostname,
        port: Number(port),
        path: "/documents/shared",
        headers: { host, "x-amz-content-sha256": "UNSIGNED-PAYLOAD" },
      };
      const { query } = await signer.presign({ ...request, query: {} }, { expiresIn: 3_600, signingDate });
      return `${url("documents/shared")}?${new URLSearchParams(query as Record<string, string>)}`;
    };
    const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);
    const good = await presign("GET", minutesAgo(30));
    expect(await (await fetch(good)).text()).toBe("for you");
    const cases = [
      good.replace("shared", "out"),
      await presign("GET", minutesAgo(61)),
      await presign("PUT", minutesAgo(1)),
    ];
    for (const refused of cases) expect((await fetch(refused)).status).toBe(403);
    const uploaded = await fetch(await presign("PUT", minutesAgo(1)), { method: "PUT", body: "new" });
    expect(uploaded.status).toBe(200);
    expect(await (await fetch(good)).text()).toBe("new");
  });

  it("is refused for an invalid signature, with S3's error", async () => {
    const operator = operatorOf(cloud);
    const ask = (credentials: Partial<typeof operator.credentials>) =>
      new S3Client({ ...operator, credentials: { ...operator.credentials, ...credentials } }).send(
        new ListBucketsCommand({}),
      );
    await expect(ask({ secretAccessKey: "wrong" })).rejects.toMatchObject({ name: "SignatureDoesNotMatch" });
    await expect(ask({ accessKeyId: "unknown" })).rejects.toMatchObject({ name: "InvalidAccessKeyId" });
  });

  it("also works through the bucket's hostname", async () => {
    const { port } = new URL(cloud.endpointUrl);
    const { default: http } = await import("node:http");
    const status = await new Promise((resolve, reject) => {
      const headers = { host: `site.localhost:${port}` };
      http
        .get({ host: "127.0.0.1", port, path: "/index.html", headers }, (response) =>
          resolve(response.resume().statusCode),
        )
        .on("error", reject);
    });
    expect(status).toBe(200);
  });
});

it("a reload updates the program's objects and keeps uploaded ones", () => {
  const object = (text: string) => newObject(Buffer.from(text), {}, 0);
  const bucket = new Bucket("any");
  for (const key of ["same", "changed", "overwritten", "gone"]) bucket.register(key, object(key));
  expect(bucket.hasOwnObjects).toBe(false);
  bucket.objects.set("put", object("put"));
  bucket.objects.set("overwritten", object("by a function"));
  expect(bucket.hasOwnObjects).toBe(true);
  const next = new Bucket("any");
  for (const key of ["same", "overwritten"]) next.register(key, object(key));
  next.register("changed", object("new"));
  bucket.become(next);
  expect(Object.fromEntries([...bucket.objects].map(([key, { body }]) => [key, body.toString()]))).toEqual({
    same: "same",
    changed: "new",
    overwritten: "by a function",
    put: "put",
  });
});

it("removing a bucket from the program loses data only if something was uploaded to it", async () => {
  await put("documents", "kept");
  const losses = lossesOf(cloud, cloud.draft());
  expect(losses).toContain("the bucket documents with all its objects");
  const draft = cloud.draft();
  draft.buckets.set("documents", new Bucket("documents"));
  expect(lossesOf(cloud, draft)).not.toContain("the bucket documents with all its objects");
});
