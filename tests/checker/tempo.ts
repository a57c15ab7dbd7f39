/** Minimum and maximum durations without faults, in milliseconds. */
export interface Tempo {
  callMs: [number, number];
  invokeMs: [number, number];
  lineMs: [number, number];
}
