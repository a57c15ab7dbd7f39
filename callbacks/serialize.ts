import * as pulumi from "@pulumi/pulumi";
import { type AnyFunction, nameOfCapture } from "./captures";

/** A captured value that would not arrive on Lambda as it is here. */
class UnfaithfulCapture {
  readonly value: unknown;
  readonly kind: string;
  readonly cure: string;

  constructor(value: unknown, kind: string, cure: string) {
    this.value = value;
    this.kind = kind;
    this.cure = cure;
  }
}

/**
 * The text of a callback with what it captures, as CommonJS that sets `exports.handler`.
 *
 * @throws pulumi.RunError naming the captured value that cannot be serialized faithfully, and what to do instead
 */
export async function serializeCallback(name: string, callback: AnyFunction): Promise<string> {
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
      throw new pulumi.RunError(`the callback of function "${name}" cannot be serialized: ${(error as Error).message}`);
    }
    const captured = (await nameOfCapture(callback, error.value)) ?? "a value";
    throw new pulumi.RunError(
      `the callback of function "${name}" captures "${captured}", ${error.kind}, ` +
        `which would not reach Lambda as it is here: ${error.cure}`,
    );
  }
}

/**
 * What Pulumi's serializer would ship broken without a word: built-in objects lose their insides, instances and
 * classes their private fields, an output its value while it is unknown.
 */
function problemWith(value: unknown): UnfaithfulCapture | undefined {
  const refuse = (kind: string, cure: string) => new UnfaithfulCapture(value, kind, cure);
  if (typeof value === "symbol") return refuse("a symbol", "capture a string");
  if (typeof value === "function") {
    return isClass(value as AnyFunction)
      ? refuse("a class", "import it in the callback's body from a file of its own")
      : undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  if (pulumi.Output.isInstance(value)) {
    return refuse("a Pulumi output, secret or not yet known", "hand its value over by an entry in `uses`");
  }
  if (value instanceof Map || value instanceof Set || value instanceof WeakMap || value instanceof WeakSet) {
    return refuse(
      `a ${value.constructor.name}`,
      "capture a plain object or an array, or build it in the handler's file",
    );
  }
  if (value instanceof Date) return refuse("a Date", "capture its milliseconds: date.getTime()");
  const type = classOf(value);
  if (type !== undefined) {
    return refuse(`an instance of ${type}`, "capture a plain object, or create the instance in the handler's file");
  }
  return undefined;
}

function isClass(value: AnyFunction): boolean {
  return /^class\b/.test(Function.prototype.toString.call(value));
}

/** The name of the project's class that an object is an instance of; undefined for plain and built-in objects. */
function classOf(value: object): string | undefined {
  const prototype = Object.getPrototypeOf(value);
  const type: unknown = prototype?.constructor;
  if (typeof type !== "function" || prototype === value) return undefined;
  return isClass(type as AnyFunction) ? type.name || "an unnamed class" : undefined;
}
