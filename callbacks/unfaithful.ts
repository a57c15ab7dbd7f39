import * as pulumi from "@pulumi/pulumi";
import type { AnyFunction } from "./captures";

/** A captured value that would change on its way to Lambda. */
export class UnfaithfulCapture {
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
 * Recognizes values that Pulumi's serializer would break without an error: built-in objects lose their internal state,
 * instances and classes lose their private fields, and outputs that aren't known yet lose their value. A getter would
 * run during the deployment.
 */
export function problemWith(value: unknown): UnfaithfulCapture | undefined {
  const refuse = (kind: string, cure: string) => new UnfaithfulCapture(value, kind, cure);
  if (typeof value === "symbol") return refuse("a symbol", "capture a string");
  if (typeof value === "function") {
    return isClass(value as AnyFunction)
      ? refuse("a class", "import it in the callback's body from a file of its own")
      : undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  if (pulumi.Output.isInstance(value)) {
    return refuse("a Pulumi output, secret or not yet known", "pass its value through an entry in `uses`");
  }
  if (value instanceof Date) return refuse("a Date", "capture its milliseconds: date.getTime()");
  const builtIn = builtInOf(value);
  if (builtIn !== undefined) return refuse(builtIn, cureFor(value));
  const type = classOf(value);
  if (type !== undefined) {
    return refuse(`an instance of ${type}`, "capture a plain object, or create the instance in the handler's file");
  }
  const getter = getterOf(value);
  if (getter !== undefined)
    return refuse(`an object whose "${getter}" is a getter`, "capture a constant with its value");
  return undefined;
}

/** TypeScript's translation of `export … from`: a getter that represents a constant. */
const RE_EXPORT = /^function \(\) \{ return [\w$.[\]]+; \}$/;

/** The name of a property that the serializer would run in order to read it. */
function getterOf(value: object): string | undefined {
  const found = Object.entries(Object.getOwnPropertyDescriptors(value)).find(
    ([, { get }]) => get !== undefined && !RE_EXPORT.test(Function.prototype.toString.call(get)),
  );
  return found?.[0];
}

/** Built-in objects that the serializer supports. */
const FAITHFUL = /^(Object|Function|Array|RegExp|Promise)$/;

/** The built-in type of an object, such as `a Map`; undefined for other objects and those without internal state. */
function builtInOf(value: object): string | undefined {
  const tag = Object.prototype.toString.call(value).slice("[object ".length, -1);
  if (/(Generator|Iterator)$/.test(tag)) return withArticle(tag);
  if (Buffer.isBuffer(value)) return "a Buffer";
  const type: unknown = Object.getPrototypeOf(value)?.constructor;
  // A prototype itself has no internal state.
  if (typeof type !== "function" || type.prototype === value || !isNative(type as AnyFunction)) return undefined;
  return FAITHFUL.test(type.name) ? undefined : withArticle(type.name);
}

function withArticle(name: string): string {
  return `${/^(A|E|I|O)/.test(name) ? "an" : "a"} ${name}`;
}

function cureFor(value: object): string {
  if (value instanceof Error) return "capture its message";
  return ArrayBuffer.isView(value) || value instanceof ArrayBuffer
    ? "capture an array of numbers, or a string in base64"
    : "capture a plain object or an array, or build it in the handler's file";
}

function isNative(value: AnyFunction): boolean {
  return /\{\s*\[native code\]\s*\}$/.test(Function.prototype.toString.call(value));
}

function isClass(value: AnyFunction): boolean {
  return /^class\b/.test(Function.prototype.toString.call(value));
}

/** Name of the class that an object is an instance of; undefined for plain and built-in objects. */
function classOf(value: object): string | undefined {
  const prototype = Object.getPrototypeOf(value);
  const type: unknown = prototype?.constructor;
  if (typeof type !== "function" || prototype === value) return undefined;
  return isClass(type as AnyFunction) ? type.name || "an unnamed class" : undefined;
}
