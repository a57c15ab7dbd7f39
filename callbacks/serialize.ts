import * as pulumi from "@pulumi/pulumi";
import { type AnyFunction, capturedVariables, nameOfCapture } from "./captures";
import { problemWith, UnfaithfulCapture } from "./unfaithful";

/**
 * Serializes a callback and the values that it captures, as CommonJS that sets `exports.handler`.
 *
 * @throws pulumi.RunError that names the captured value that can't be serialized faithfully, and what to do instead
 */
export async function serializeCallback(name: string, callback: AnyFunction): Promise<string> {
  hideGlobalOfProtobuf();
  try {
    const { text } = await pulumi.runtime.serializeFunction(callback, {
      serialize: (value: unknown) => {
        const problem = problemWith(value);
        if (problem !== undefined) throw problem;
        return true;
      },
    });
    return text;
  } catch (error) {
    if (!(error instanceof UnfaithfulCapture)) {
      const native = /native code/.test((error as Error).message) ? await nativeCapture(callback) : undefined;
      if (native !== undefined) {
        throw new pulumi.RunError(
          `the callback of function "${name}" captures "${native}", a Node.js function or one derived from it, ` +
            "which has no source that could be shipped: import it in the callback's body",
        );
      }
      throw new pulumi.RunError(`the callback of function "${name}" cannot be serialized: ${(error as Error).message}`);
    }
    const captured = (await nameOfCapture(callback, error.value)) ?? "a value";
    throw new pulumi.RunError(
      `the callback of function "${name}" captures "${captured}", ${error.kind}, ` +
        `which would not reach Lambda as it is here: ${error.cure}`,
    );
  }
}

/** Finds the captured variable that is, or leads to, a function without source code. */
async function nativeCapture(callback: AnyFunction): Promise<string | undefined> {
  for (const [name, value] of await capturedVariables(callback)) {
    if (typeof value !== "function") continue;
    const isShippable = await pulumi.runtime.serializeFunction(value as AnyFunction).then(
      () => true,
      () => false,
    );
    if (!isShippable) return name;
  }
  return undefined;
}

/**
 * Hides the global variable `proto`, which protobuf creates when Pulumi loads it. The serializer assumes that Lambda
 * has every own property of the global object, so a callback's constant named `proto` would never be shipped.
 */
function hideGlobalOfProtobuf(): void {
  const above = Object.getPrototypeOf(globalThis);
  if (above === Object.prototype || !Object.hasOwn(globalThis, "proto")) return;
  const { proto } = globalThis as { proto?: unknown };
  Reflect.deleteProperty(globalThis, "proto");
  above.proto = proto;
}
