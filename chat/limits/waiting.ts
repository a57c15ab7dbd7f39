/** Minimum retry delay after a refusal, so that a flood costs each environment at most one write per second. */
export const MIN_WAIT_MS = 1_000;
