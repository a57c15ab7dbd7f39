/** An event source mapping: a queue or stream, the function that receives its records, and the settings. */

export interface EventSource {
  id: string;
  /** ARN of a queue or of a table's stream. */
  sourceArn: string;
  functionName: string;
  enabled: boolean;
  batchSize: number;
  /** Maximum time to gather records before the function is invoked. */
  windowMs: number;
  /** Filter patterns; a record must match one of them. Without patterns all records pass. */
  filters: Record<string, unknown>[];
  /** Whether the function's result names the records that failed. */
  reportsItemFailures: boolean;
  /** Streams only: maximum number of retries of a batch; -1 for any number. */
  maximumRetryAttempts: number;
  /** Streams only: maximum age; older records are skipped. -1 for any age. */
  maximumRecordAgeSeconds: number;
  /** Streams only: whether a batch that failed is retried in two halves. */
  bisects: boolean;
  /** Streams only: ARN of a queue that receives records of failed batches. */
  onFailure?: string;
}

/** Reads a function's answer for a batch: the identifiers of the failed records; undefined if all of them failed. */
export function itemFailuresOf({ reportsItemFailures }: EventSource, payload: string): string[] | undefined {
  if (!reportsItemFailures) return [];
  const result = JSON.parse(payload) as { batchItemFailures?: unknown } | null;
  const failures = result?.batchItemFailures ?? [];
  if (!Array.isArray(failures)) return undefined;
  const ids = failures.map((failure) => failure?.itemIdentifier);
  return ids.every((id) => typeof id === "string" && id !== "") ? ids : undefined;
}
