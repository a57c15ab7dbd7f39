/** The last part of every stream's ARN. It can be fixed, because a table never gets a second stream here. */
export const STREAM_LABEL = "2026-01-01T00:00:00.000";
