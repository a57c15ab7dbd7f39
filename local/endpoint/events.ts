/**
 * EventBridge at the AWS endpoint: PutEvents.
 * https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
 */
import { randomUUID } from "node:crypto";
import type { Access } from "../access.ts";
import { type BusPlace, putEvent } from "../eventBus/putEvent.ts";
import type { Caller } from "../identity/role.ts";
import type { Answer } from "./answer.ts";

interface Place extends BusPlace {
  readonly access: Access;
  /** Names of the event buses. */
  readonly eventBuses: ReadonlySet<string>;
  arnOf: (service: string, resource: string) => string;
}

interface Entry {
  Source?: string;
  DetailType?: string;
  Detail?: string;
  EventBusName?: string;
  Resources?: string[];
  /** Seconds since 1970. */
  Time?: number;
}

const MAX_ENTRIES = 10;

export function answerEvents(
  { operation, body, caller }: { operation: string; body: string; caller: Caller },
  place: Place,
): Answer {
  if (operation !== "PutEvents") {
    return fault(
      "UnknownOperationException",
      `the local cloud does not support ${operation} of EventBridge's API, only PutEvents`,
    );
  }
  const request = parsed(body) as { Entries?: Entry[] } | undefined;
  if (request === undefined) return fault("SerializationException", "the body is not a JSON object");
  const { Entries } = request;
  if (!Array.isArray(Entries) || Entries.length === 0 || Entries.length > MAX_ENTRIES) {
    return fault("ValidationException", `Entries must have 1 to ${MAX_ENTRIES} members`);
  }
  if (Entries.some(({ Time = 0 }) => Number.isNaN(new Date(Time * 1000).getTime()))) {
    return fault("SerializationException", "Time must be a number of seconds since 1970");
  }
  for (const bus of new Set(Entries.map(busOf))) {
    const refusal = place.access.refusal(caller, "events:PutEvents", place.arnOf("events", `event-bus/${bus}`));
    if (refusal !== undefined) return fault("AccessDeniedException", refusal);
  }
  const results = Entries.map((entry) => put(entry, place));
  const FailedEntryCount = results.filter((result) => "ErrorCode" in result).length;
  return { status: 200, body: JSON.stringify({ FailedEntryCount, Entries: results }) };
}

function put(entry: Entry, place: Place): { EventId: string } | { ErrorCode: string; ErrorMessage: string } {
  const { Source, DetailType, Detail, Resources = [], Time } = entry;
  const bus = busOf(entry);
  if (!Source || !DetailType || !Detail) {
    const ErrorMessage = `Parameter ${!Source ? "Source" : !DetailType ? "DetailType" : "Detail"} is not valid. Reason: it is required.`;
    return { ErrorCode: "InvalidArgument", ErrorMessage };
  }
  const detail = parsed(Detail);
  if (detail === undefined) return { ErrorCode: "MalformedDetail", ErrorMessage: "Detail is malformed." };
  const id = randomUUID();
  // As on AWS, an event for a missing bus is lost without an error.
  if (bus !== "default" && !place.eventBuses.has(bus)) {
    place.report({
      event: "warning",
      message: `an event was put to the bus ${bus}, which is not part of this program: it is lost`,
    });
    return { EventId: id };
  }
  const event = {
    version: "0",
    id,
    "detail-type": DetailType,
    source: Source,
    account: place.accountId,
    time: new Date(Time === undefined ? Date.now() : Time * 1000).toISOString().replace(/\.\d+/, ""),
    region: place.region,
    resources: Resources,
    detail,
  };
  putEvent(bus, event, place);
  return { EventId: id };
}

function busOf({ EventBusName = "default" }: Entry): string {
  return EventBusName.replace(/^arn:.*:event-bus\//, "");
}

/** @returns undefined if the text isn't a JSON object */
function parsed(text: string): object | undefined {
  try {
    const value = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function fault(type: string, message: string): Answer {
  return { status: 400, headers: { "x-amzn-errortype": type }, body: JSON.stringify({ __type: type, message }) };
}
