/** How long things take without faults, in milliseconds: minimum and maximum. */
export interface Tempo {
  callMs: [number, number];
  invokeMs: [number, number];
  lineMs: [number, number];
}
