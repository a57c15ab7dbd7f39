/**
 * Finds the AWS operations that one of our minified bundles calls, through the SDK or with requests that it signs
 * itself.
 */
export function callsOf(bundle: string): string[] {
  return [...sdkCalls(bundle), ...signedCalls(bundle)].sort();
}

/** `@connections` is called in one place, to which callers pass the method. */
function signedCalls(bundle: string): string[] {
  const methods = { POST: "PostToConnection", GET: "GetConnection", DELETE: "DeleteConnection" };
  const posts = bundle.includes("/@connections/")
    ? Object.entries(methods).filter(([method]) => new RegExp(`[\\w$]\\([\\w$]+,"${method}",[\\w$]+[,)]`).test(bundle))
    : [];
  const invokes = bundle.includes("/2015-03-31/functions/${") ? ["Invoke"] : [];
  return [...posts.map(([, operation]) => operation), ...invokes];
}

/**
 * The operations that are called through the SDK. The SDK creates a command's class with a call that names the
 * operation (`A=class extends b(c,d,"PutItem",e){}`), and the document client wraps it in another class
 * (`F=class extends G{…this.clientCommand=new A(this.input)…}`). Creating an instance of either class counts as a call.
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

/** Positions of `new name(`. */
function instancesOf(bundle: string, name: string): number[] {
  const escaped = name.replaceAll("$", "\\$");
  return [...bundle.matchAll(new RegExp(`new ${escaped}\\(`, "g"))].map(({ index }) => index);
}

/** The name of the class that contains a position: the last one that begins before it. */
function classAround(bundle: string, at: number): string | undefined {
  return [...bundle.slice(Math.max(0, at - 2_000), at).matchAll(/([\w$]+)=class extends/g)].at(-1)?.[1];
}

/**
 * The action that a role needs for an operation. Those of `@connections` are one action on a resource that names the
 * method.
 */
export function actionFor(operation: string): { action: string; resource?: RegExp } {
  const method = { PostToConnection: "POST", GetConnection: "GET", DeleteConnection: "DELETE" }[operation];
  if (operation === "Invoke") return { action: "lambda:InvokeFunction" };
  if (method === undefined) return { action: `dynamodb:${operation}` };
  return { action: "execute-api:ManageConnections", resource: new RegExp(`/${method}/@connections/\\*$`) };
}
