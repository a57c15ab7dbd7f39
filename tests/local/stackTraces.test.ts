/** Tests which stack traces of a program are mapped to its source files. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { mapShownStackTraces } from "../../local/engine/stackTraces.ts";

const { prepareStackTrace, stackTraceLimit } = Error;
const beforeMapping = vi.fn();

beforeEach(() => {
  mapShownStackTraces(beforeMapping);
  Error.prepareStackTrace = (error, frames) => `${error.message} with ${frames.length} mapped frames`;
});

afterEach(() => {
  Object.defineProperty(Error, "prepareStackTrace", { configurable: true, writable: true, value: prepareStackTrace });
  Error.stackTraceLimit = stackTraceLimit;
  beforeMapping.mockReset();
});

it("a stack trace is mapped to the source files when it is read", () => {
  Error.stackTraceLimit = 2;
  expect(new Error("failed").stack).toBe("failed with 2 mapped frames");
  expect(beforeMapping).toHaveBeenCalledOnce();
});

it("a trace without frames needs no source maps, which cost as much as transpiling every file", () => {
  Error.stackTraceLimit = 0;
  expect(new Error("failed").stack).toBe("Error: failed");
  expect(beforeMapping).not.toHaveBeenCalled();
});
