/**
 * Resolves packages as Lambda does. Lambda's runtime contains version 3 of the AWS SDK; every other package must be in
 * the archive, even if it is installed on this machine.
 */
import { createRequire, isBuiltin, registerHooks } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";

const SDK = /^@(aws-sdk|smithy|aws-crypto)\//;

/**
 * @param folder the folder of the unpacked archive
 * @param from files to resolve the SDK from, tried in this order
 */
export function resolveAsLambda(folder: string, from: readonly string[]): void {
  const own = `${pathToFileURL(folder).href}/`;
  registerHooks({
    resolve(specifier, context, next) {
      const isOfArchive = context.parentURL === undefined || context.parentURL.startsWith(own);
      if (!isOfArchive || isBuiltin(specifier) || /^[./]|^\w+:/.test(specifier)) return next(specifier, context);
      const found = attempt(() => next(specifier, context));
      if (found?.url.startsWith(own)) return found;
      if (SDK.test(specifier)) {
        for (const file of from) {
          // `require` always resolves from the calling file; `import` uses the context.
          const there = attempt(() =>
            context.conditions?.includes("import")
              ? next(specifier, { ...context, parentURL: pathToFileURL(file).href })
              : next(createRequire(file).resolve(specifier), context),
          );
          if (there !== undefined) return there;
        }
      }
      throw Object.assign(
        new Error(`Cannot find module '${specifier}'\nRequire stack:\n- ${parentOf(context.parentURL)}`),
        {
          code: "MODULE_NOT_FOUND",
        },
      );
    },
  });
}

function attempt<T>(resolve: () => T): T | undefined {
  try {
    return resolve();
  } catch {
    return undefined;
  }
}

function parentOf(url: string | undefined): string {
  return url?.startsWith("file:") ? fileURLToPath(url) : `${url}`;
}
