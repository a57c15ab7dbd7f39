/** Stores ts-node's output, so that unchanged files aren't transpiled on every start. */
import { readFileSync } from "node:fs";
import { createRequire, findPackageJSON } from "node:module";
import { pathToFileURL } from "node:url";
import folders from "../../cache/folders.cjs";
import { hashOf, TextCache } from "../../cache/textCache.cjs";

/** The part of ts-node's service that is used here: https://typestrong.org/ts-node/api/interfaces/Service.html */
interface Service {
  ts: { version: string };
  config: { options: object };
  /** If false, a file's errors depend on other files, so its output can't be cached. */
  transpileOnly: boolean;
  compile(code: string, fileName: string): string;
}

/** The property where `ts-node` stores its service once registered. */
const REGISTERED = Symbol.for("ts-node.register.instance");

/** @returns a function that gives ts-node the source maps of files whose output came from the cache */
export function cacheTranspiledFiles(): () => void {
  const cache = new TextCache(folders.TRANSPILED);
  const pendingMaps: (() => void)[] = [];
  let registered: Service | undefined;
  Object.defineProperty(process, REGISTERED, {
    configurable: true,
    get: () => registered,
    set: (service: Service) => {
      registered = service;
      if (service.transpileOnly) service.compile = cached(service, cache, pendingMaps);
    },
  });
  return () => {
    for (const transpile of pendingMaps.splice(0)) transpile();
  };
}

function cached(service: Service, cache: TextCache, pendingMaps: (() => void)[]): Service["compile"] {
  const compile = service.compile;
  const { version } = createRequire(import.meta.url)("ts-node/package.json");
  const toolchain = hashOf(process.version, service.ts.version, version, JSON.stringify(service.config.options));
  return (code, fileName) => {
    // The nearest package.json decides between CommonJS and ES modules.
    const manifest = findPackageJSON(pathToFileURL(fileName));
    const key = hashOf(toolchain, fileName, manifest === undefined ? "" : readFileSync(manifest), code);
    const known = cache.read(key);
    if (known !== undefined) {
      // ts-node has source maps only for files that it has transpiled itself, so it transpiles this one later if a map
      // is needed.
      pendingMaps.push(() => compile(code, fileName));
      return known;
    }
    const text = compile(code, fileName);
    cache.write(key, text);
    return text;
  };
}
