/**
 * Finds the AWS operations that one of our minified bundles calls, through the SDK or in requests that it signs itself.
 */
export function callsOf(bundle: string): string[] {
  return [...sdkCalls(bundle), ...signedCalls(bundle)].sort();
}

/** `@connections` is called in one place; callers pass the method to it. */
function signedCalls(bundle: string): string[] {
  const methods = { POST: "PostToConnection", GET: "GetConnection", DELETE: "DeleteConnection" };
  const posts = bundle.includes("/@connections/")
    ? Object.entries(methods).filter(([method]) => new RegExp(`[\\w$]\\([\\w$]+,"${method}",[\\w$]+[,)]`).test(bundle))
    : [];
  const invokes = bundle.includes("/2015-03-31/functions/${") ? ["Invoke"] : [];
  return [...posts.map(([, operation]) => operation), ...invokes];
}

/**
 * The operations that are called through the SDK. The SDK creates the class of each command with a factory call that
 * names the operation (`A=class extends b(c,d,"PutItem",e){}`), and the document client wraps that class in its own
 * (`F=class extends G{…this.clientCommand=new A(this.input)…}`). Code that uses the operation creates an instance of
 * one class or the other.
 */
function sdkCalls(bundle: string): string[] {
  const commands = [...bundle.matchAll(/([\w$]+)=class extends [\w$]+\([\w$]+,[\w$]+,"([A-Z]\w+)",[\w$]+\)/g)];
  return commands
    .filter(([, name]) => {
      const instances = instancesOf(bundle, name as string);
      const inWrapper = instances.filter((at) => bundle.slice(0, at).endsWith("clientCommand="));
      const wrappers = inWrapper.flatMap((at) => classAround(bundle, at) ?? []);
      return instances.length > inWrapper.length || wrappers.some((wrapper) => instancesOf(bundle, wrapper).length > 0);
    })
    .map(([, , operation]) => operation as string)
    .sort();
}

/** Positions of `new name(` in the code. */
function instancesOf(bundle: string, name: string): number[] {
  const escaped = name.replaceAll("$", "\\$");
  return [...bundle.matchAll(new RegExp(`new ${escaped}\\(`, "g"))].map(({ index }) => index);
}

/** The name of the class whose body contains a position, taken from the last class that begins before it. */
function classAround(bundle: string, at: number): string | undefined {
  return [...bundle.slice(Math.max(0, at - 2_000), at).matchAll(/([\w$]+)=class extends/g)].at(-1)?.[1];
}

/**
 * The permission that a role needs for an operation. All operations of `@connections` share one action; the resource's
 * ARN names the method.
 */
export function actionFor(operation: string): { action: string; resource?: RegExp } {
  const method = { PostToConnection: "POST", GetConnection: "GET", DeleteConnection: "DELETE" }[operation];
  if (operation === "Invoke") return { action: "lambda:InvokeFunction" };
  if (method === undefined) return { action: `dynamodb:${operation}` };
  return { action: "execute-api:ManageConnections", resource: new RegExp(`/${method}/@connections/\\*$`) };
}
