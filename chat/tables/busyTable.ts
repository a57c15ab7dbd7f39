/** Number of consecutive calls that DynamoDB may refuse completely. */
const MAX_REFUSALS = 8;

/**
 * Waits before the next attempt of what DynamoDB has refused in whole or in part, longer after each refusal in a row.
 *
 * @param refusals number of consecutive calls that made no progress
 * @throws Error after 8 such calls
 */
export async function pauseBeforeRetry(refusals: number): Promise<void> {
  if (refusals >= MAX_REFUSALS) throw new Error(`DynamoDB refused a batch ${MAX_REFUSALS} times in a row`);
  await new Promise((resolve) => setTimeout(resolve, 2 ** refusals * 10));
}
