/** A bucket of S3: its objects, who may read them, and who hears of their changes. */
import { hash } from "node:crypto";
import type { PolicyDocument } from "@serverless-chat/iam";

/** An object as it was put. */
export interface StoredObject {
  body: Buffer;
  /** In quotes, as it is sent. */
  eTag: string;
  /** Milliseconds since 1970. */
  modifiedAt: number;
  /** Those that were stored with it, in lower case: its type, its metadata, its checksums. */
  headers: Record<string, string>;
  /** Canned ACL, such as `public-read`. @default private */
  acl?: string;
}

/** An object that is put in parts. */
export interface Upload {
  key: string;
  headers: Record<string, string>;
  acl?: string;
  /** By number. */
  parts: Map<number, StoredObject>;
}

/** Targets that are notified of changes. */
export interface Notification {
  id: string;
  /** ARN of a function, a queue or a topic. */
  target: string;
  /** Such as `s3:ObjectCreated:*`. */
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
  /** Every change goes to the default bus, too. */
  notifiesEventBridge = false;
  /** A new bucket blocks all public access. */
  publicAccessBlock: PublicAccessBlock = { ignorePublicAcls: true, restrictPublicBuckets: true };
  /** `BucketOwnerEnforced`, as in a new bucket, turns off the lists of rights of single objects. */
  objectOwnership = "BucketOwnerEnforced";
  /** Those under way, by id. */
  readonly uploads = new Map<string, Upload>();
  /** By key. */
  readonly objects = new Map<string, StoredObject>();
  /** Those that the program registers, by key. */
  readonly #registered = new Map<string, StoredObject>();

  constructor(name: string) {
    this.name = name;
    this.arn = `arn:aws:s3:::${name}`;
  }

  /** Adds an object of the program itself. */
  register(key: string, object: StoredObject): void {
    this.#registered.set(key, object);
    this.objects.set(key, object);
  }

  /** Whether it has objects that a new start of the program wouldn't bring back. */
  get hasOwnObjects(): boolean {
    return [...this.objects].some(([key, object]) => this.#registered.get(key) !== object);
  }

  /** Takes on another definition. What was put stays; of the registered objects those that differ are put again. */
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

/** @param headers those that are stored with it, in lower case */
export function newObject(body: Buffer, headers: Record<string, string>, modifiedAt: number): StoredObject {
  return { body, eTag: `"${hash("md5", body)}"`, modifiedAt, headers };
}

function isSame(one: StoredObject, other: StoredObject): boolean {
  return (
    one.eTag === other.eTag && one.acl === other.acl && JSON.stringify(one.headers) === JSON.stringify(other.headers)
  );
}
