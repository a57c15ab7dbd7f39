/** An S3 bucket: its objects, who can read them, and the targets notified of changes. */
import { hash } from "node:crypto";
import type { PolicyDocument } from "@serverless-chat/iam";

/** A stored object. */
export interface StoredObject {
  body: Buffer;
  /** The ETag in quotes, as in responses. */
  eTag: string;
  /** Milliseconds since 1970. */
  modifiedAt: number;
  /** Stored headers, in lower case: content type, metadata, checksums. */
  headers: Record<string, string>;
  /** Canned ACL, such as `public-read`. @default private */
  acl?: string;
}

/** A multipart upload. */
export interface Upload {
  key: string;
  headers: Record<string, string>;
  acl?: string;
  /** Parts by number. */
  parts: Map<number, StoredObject>;
}

/** A target, and the changes that it is notified of. */
export interface Notification {
  id: string;
  /** ARN of a function, a queue or a topic. */
  target: string;
  /** Event types, such as `s3:ObjectCreated:*`. */
  events: string[];
  prefix: string;
  suffix: string;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html */
export interface PublicAccessBlock {
  ignorePublicAcls: boolean;
  restrictPublicBuckets: boolean;
}

export class Bucket {
  readonly name: string;
  readonly arn: string;
  policies: PolicyDocument[] = [];
  notifications: Notification[] = [];
  /** Whether every change is also sent to the default event bus. */
  notifiesEventBridge = false;
  /** A new bucket blocks all public access. */
  publicAccessBlock: PublicAccessBlock = { ignorePublicAcls: true, restrictPublicBuckets: true };
  /** `BucketOwnerEnforced`, the default for a new bucket, disables the ACLs of single objects. */
  objectOwnership = "BucketOwnerEnforced";
  /** Multipart uploads in progress, by id. */
  readonly uploads = new Map<string, Upload>();
  /** Objects by key. */
  readonly objects = new Map<string, StoredObject>();
  /** Objects that the program registers, by key. */
  readonly #registered = new Map<string, StoredObject>();

  constructor(name: string) {
    this.name = name;
    this.arn = `arn:aws:s3:::${name}`;
  }

  /** Adds an object that the program registers. */
  register(key: string, object: StoredObject): void {
    this.#registered.set(key, object);
    this.objects.set(key, object);
  }

  /** Whether the bucket has objects that running the program again wouldn't restore. */
  get hasOwnObjects(): boolean {
    return [...this.objects].some(([key, object]) => this.#registered.get(key) !== object);
  }

  /**
   * Applies a new definition. Objects that the program never registered stay; registered objects that changed are
   * stored again, and those that are no longer registered are deleted.
   */
  become(next: Bucket): void {
    this.policies = next.policies;
    this.notifications = next.notifications;
    this.notifiesEventBridge = next.notifiesEventBridge;
    this.publicAccessBlock = next.publicAccessBlock;
    this.objectOwnership = next.objectOwnership;
    for (const key of this.#registered.keys()) {
      if (next.#registered.has(key)) continue;
      this.#registered.delete(key);
      this.objects.delete(key);
    }
    for (const [key, object] of next.#registered) {
      const before = this.#registered.get(key);
      if (before === undefined || !isSame(before, object)) this.register(key, object);
    }
  }
}

/** @param headers headers to store, in lower case */
export function newObject(body: Buffer, headers: Record<string, string>, modifiedAt: number): StoredObject {
  return { body, eTag: `"${hash("md5", body)}"`, modifiedAt, headers };
}

function isSame(one: StoredObject, other: StoredObject): boolean {
  return (
    one.eTag === other.eTag && one.acl === other.acl && JSON.stringify(one.headers) === JSON.stringify(other.headers)
  );
}
