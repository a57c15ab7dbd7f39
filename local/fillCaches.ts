/**
 * The last step of `npm ci`: starts the local cloud once, so that the first `npm start` finds in the caches what would
 * otherwise take it seconds. Without this step (`npm ci --ignore-scripts`), the first start fills the caches itself.
 */
import { parseOptions } from "./options.ts";
import { startSession } from "./session.ts";

try {
  // The ports aren't stored, so any do.
  const session = await startSession({ options: parseOptions(["--port", "0"]), given: {}, report: () => {} });
  await session.deployed;
  await session.stop();
} catch (error) {
  // The project is installed, and the first start will report the same error in full.
  console.error(`The caches of "npm start" stay empty, because the program didn't start: ${(error as Error).message}`);
}
process.exit();
