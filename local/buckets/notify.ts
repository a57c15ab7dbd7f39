/**
 * Notifies functions, queues and topics of changes in a bucket.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */
import { randomUUID } from "node:crypto";
import { type BusPlace, putEvent } from "../eventBus/putEvent.ts";
import { functionNameOf } from "../gateway/invoke.ts";
import { sendAsService } from "../queues/serviceSend.ts";
import { publishAsService } from "../topics/servicePublish.ts";
import type { Topic } from "../topics/topic.ts";
import type { Bucket, Notification, StoredObject } from "./bucket.ts";

export interface NotifyPlace extends BusPlace {
  /** Topics by ARN. */
  readonly topics: ReadonlyMap<string, Topic>;
}

/** A change to an object. */
export interface Change {
  /** Event type, such as `ObjectCreated:Put`. */
  event: string;
  key: string;
  /** The new object; undefined if the object was deleted. */
  object?: StoredObject;
  /** The requester that made the change, as S3 formats it, such as `AWS:ROLE:SESSION`. */
  principalId: string;
  sourceIp: string;
}

const S3 = "s3.amazonaws.com";

export function notify(bucket: Bucket, change: Change, place: NotifyPlace): void {
  for (const notification of bucket.notifications) {
    if (isWanted(notification, change))
      send(bucket, notification, recordOf(bucket, notification, change, place), place);
  }
  if (bucket.notifiesEventBridge) putEvent("default", eventOf(bucket, change, place), place);
}

function isWanted({ events, prefix, suffix }: Notification, { event, key }: Change): boolean {
  if (!key.startsWith(prefix) || !key.endsWith(suffix)) return false;
  return events.some((wanted) => wanted === `s3:${event}` || wanted === `s3:${event.split(":")[0]}:*`);
}

function send(bucket: Bucket, { target }: Notification, record: object, place: NotifyPlace): void {
  const body = JSON.stringify({ Records: [record] });
  const sender = { service: S3, sourceArn: bucket.arn, accountId: place.accountId, report: place.report };
  const missing = () => {
    const message = `the bucket ${bucket.name} notifies ${target}, which is not part of this program: the notification is lost`;
    place.report({ event: "warning", message });
  };
  if (/^arn:[a-z-]+:sqs:/.test(target)) {
    const queue = place.queues.get(target);
    if (queue === undefined) missing();
    else sendAsService(queue, sender, body);
  } else if (/^arn:[a-z-]+:sns:/.test(target)) {
    const topic = place.topics.get(target);
    const published = { id: randomUUID(), message: body, subject: "Amazon S3 Notification", attributes: {} };
    if (topic === undefined) missing();
    else publishAsService(topic, sender, published, place);
  } else {
    const lambda = place.functions.get(functionNameOf(target));
    if (lambda === undefined) missing();
    else if (place.access.serviceMayInvoke([...lambda.permissions.values()], S3, lambda.settings.arn, bucket.arn))
      place.asynchronous.accept(lambda, body);
  }
}

function recordOf(bucket: Bucket, { id }: Notification, change: Change, place: NotifyPlace): object {
  const { event, key, object, principalId, sourceIp } = change;
  return {
    eventVersion: "2.1",
    eventSource: "aws:s3",
    awsRegion: place.region,
    eventTime: new Date().toISOString(),
    eventName: event,
    userIdentity: { principalId },
    requestParameters: { sourceIPAddress: sourceIp },
    responseElements: { "x-amz-request-id": randomUUID(), "x-amz-id-2": randomUUID() },
    s3: {
      s3SchemaVersion: "1.0",
      configurationId: id,
      bucket: { name: bucket.name, ownerIdentity: { principalId: place.accountId }, arn: bucket.arn },
      object: {
        key: formEncoded(key),
        ...(object === undefined ? {} : { size: object.body.length, eTag: object.eTag.replaceAll('"', "") }),
        sequencer: sequencer(),
      },
    },
  };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html */
function eventOf(bucket: Bucket, { event, key, object, sourceIp }: Change, place: NotifyPlace): object {
  const isCreated = object !== undefined;
  const [, how = ""] = event.split(":");
  return {
    version: "0",
    id: randomUUID(),
    "detail-type": isCreated ? "Object Created" : "Object Deleted",
    source: "aws.s3",
    account: place.accountId,
    time: new Date().toISOString().replace(/\.\d+/, ""),
    region: place.region,
    resources: [bucket.arn],
    detail: {
      version: "0",
      bucket: { name: bucket.name },
      object: {
        key,
        ...(isCreated ? { size: object.body.length, etag: object.eTag.replaceAll('"', "") } : {}),
        sequencer: sequencer(),
      },
      "request-id": randomUUID(),
      requester: place.accountId,
      "source-ip-address": sourceIp,
      reason: isCreated ? (REASONS.get(how) ?? how) : "DeleteObject",
      ...(isCreated ? {} : { "deletion-type": "Permanently Deleted" }),
    },
  };
}

/** EventBridge's names for the ways that S3 creates an object. */
const REASONS = new Map([
  ["Put", "PutObject"],
  ["Copy", "CopyObject"],
]);

/** Applies form encoding, in which a space becomes a plus: S3 sends keys in this form, and handlers decode it. */
function formEncoded(key: string): string {
  return key
    .split("/")
    .map((part) => new URLSearchParams({ "": part }).toString().slice(1))
    .join("/");
}

let lastSequence = 0n;

/** A string of constant length that sorts after those of all earlier changes. */
function sequencer(): string {
  const now = BigInt(Date.now()) << 20n;
  lastSequence = now > lastSequence ? now : lastSequence + 1n;
  return lastSequence.toString(16).toUpperCase().padStart(18, "0");
}
