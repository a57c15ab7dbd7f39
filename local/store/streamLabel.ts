/** The last part of the ARN of each table's stream: tables here have one stream in their life. */
export const STREAM_LABEL = "2026-01-01T00:00:00.000";
