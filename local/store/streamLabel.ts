/** The last part of each stream's ARN; tables have only one stream here. */
export const STREAM_LABEL = "2026-01-01T00:00:00.000";
