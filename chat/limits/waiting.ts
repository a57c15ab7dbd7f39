/** Minimum retry delay after a refusal: so a flood costs each environment one write a second. */
export const MIN_WAIT_MS = 1_000;
