/** How long things take when nothing is wrong, in milliseconds: from, to. */
export interface Tempo {
  callMs: [number, number];
  invokeMs: [number, number];
  lineMs: [number, number];
}
