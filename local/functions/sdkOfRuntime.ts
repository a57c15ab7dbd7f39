/**
 * What code may load that isn't in its archive. Lambda's runtime brings the AWS SDK along, version 3; everything else has
 * to be in the archive, wherever this machine has it.
 */
import { createRequire, isBuiltin, registerHooks } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";

const SDK = /^@(aws-sdk|smithy|aws-crypto)\//;

/** @param from files from which the SDK may be found, the first that has it counts */
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
          // `require` looks around the file that called it, whatever the context says; `import` goes by the context.
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
