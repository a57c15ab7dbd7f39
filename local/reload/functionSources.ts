/** The source files of each function's code, and how to redeploy it when one of them has changed. */
import { join, sep } from "node:path";
import { pathToFileURL } from "node:url";
import type { Cloud } from "../cloud.ts";
import type { Bundled } from "../engine/programProcess.ts";
import { unpack } from "../functions/archive.ts";
import { type Code, pathsOf } from "../functions/code.ts";
import type { Run } from "../run.ts";

interface Source {
  logicalName: string;
  functionName: string;
  /** The code without the files of bundles, which are rebuilt when needed. */
  code: Code;
  /** Bundles by the name of their asset. */
  bundles: Map<string, Bundled>;
  /** Files and folders that the code is read from. */
  paths: Set<string>;
}

/** The interface of callbacks/bundler.ts in the program. */
interface BundlerModule {
  bundlerOf(programFolder: string, callbacks: Bundled["callback"][]): Promise<Bundler>;
}

interface Bundler {
  bundle(): Promise<{ text: string; files: string[] }[]>;
  dispose(): Promise<void>;
}

export class FunctionSources {
  readonly #cloud: Cloud;
  #sources: Source[] = [];
  /** Bundler of the functions that were bundled last, kept because people save the same file repeatedly. */
  #bundler: { key: string; bundler: Bundler } | undefined;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  /** Records what a run of the program registered. */
  follow({ functions }: Run, bundles: Bundled[]): void {
    const byPath = new Map(bundles.map((bundle) => [bundle.path, bundle]));
    this.#sources = functions.map(({ logicalName, functionName, code }) => {
      const bundles: Source["bundles"] = new Map();
      const assets = Object.entries(code.assets ?? {}).map(([name, asset]): [string, Code] => {
        const found = asset.path === undefined ? undefined : byPath.get(asset.path);
        if (found === undefined) return [name, asset];
        bundles.set(name, found);
        return [name, {}];
      });
      const shortened = code.assets === undefined ? code : { ...code, assets: Object.fromEntries(assets) };
      return this.#withPaths({ logicalName, functionName, code: shortened, bundles });
    });
  }

  #withPaths(source: Omit<Source, "paths">): Source {
    const files = [...source.bundles.values()].flatMap(({ files, programFolder }) =>
      files.map((file) => join(programFolder, file)),
    );
    return { ...source, paths: new Set([...files, ...pathsOf(source.code, this.#cloud.assetFolder)]) };
  }

  /** Whether a function's code uses this file. */
  has(file: string): boolean {
    return this.#sources.some((source) => isMadeOf(source, file));
  }

  /** Logical names of the functions that contain one of these files. */
  touchedBy(files: ReadonlySet<string>): string[] {
    const touched = this.#sources.filter((source) => [...files].some((file) => isMadeOf(source, file)));
    return touched.map(({ logicalName }) => logicalName);
  }

  /**
   * Rebuilds the code of these functions and uses it for later events. All functions are built before the first one is
   * redeployed.
   *
   * @returns names of the functions whose code has changed
   * @throws Error naming the file, line and fault
   */
  async redeploy(logicalNames: ReadonlySet<string>): Promise<string[]> {
    const sources = this.#sources.filter(({ logicalName }) => logicalNames.has(logicalName));
    const made = await this.#bundled(sources);
    const folders = await Promise.all(made.map(({ code }) => unpack(code, this.#cloud.assetFolder)));
    const redeployed = sources.filter(({ functionName }, i) => {
      const lambda = this.#cloud.functions.get(functionName);
      const folder = folders[i] as string;
      if (lambda === undefined || lambda.settings.folder === folder) return false;
      lambda.redeploy(folder);
      return true;
    });
    for (const [i, source] of sources.entries()) {
      const { bundles } = made[i] as (typeof made)[number];
      this.#sources[this.#sources.indexOf(source)] = this.#withPaths({ ...source, bundles });
    }
    return redeployed.map(({ logicalName }) => logicalName);
  }

  async close(): Promise<void> {
    await this.#bundler?.bundler.dispose();
  }

  /** Builds code and bundles from the current files. */
  async #bundled(sources: Source[]): Promise<Pick<Source, "code" | "bundles">[]> {
    const all = sources.flatMap(({ bundles }) => [...bundles.values()]);
    const [first] = all;
    if (first === undefined) return sources;
    const bundler = await this.#bundlerOf(first, all);
    const fresh = await bundler.bundle().catch((error) => {
      throw new Error(messageOf(error));
    });
    return sources.map(({ code, bundles }) => {
      const renewed: Source["bundles"] = new Map();
      const assets = [...bundles].map(([name, bundle]): [string, Code] => {
        const { text, files } = fresh[all.indexOf(bundle)] as { text: string; files: string[] };
        renewed.set(name, { ...bundle, files });
        return [name, { text }];
      });
      if (assets.length === 0) return { code, bundles };
      return { code: { ...code, assets: { ...code.assets, ...Object.fromEntries(assets) } }, bundles: renewed };
    });
  }

  async #bundlerOf({ bundler: module, programFolder }: Bundled, bundles: Bundled[]): Promise<Bundler> {
    const callbacks = bundles.map(({ callback }) => callback);
    const key = JSON.stringify([module, programFolder, callbacks]);
    if (this.#bundler?.key === key) return this.#bundler.bundler;
    await this.#bundler?.bundler.dispose();
    this.#bundler = undefined;
    const { bundlerOf } = (await import(pathToFileURL(module).href)) as BundlerModule;
    const bundler = await bundlerOf(programFolder, callbacks);
    this.#bundler = { key, bundler };
    return bundler;
  }
}

function isMadeOf({ paths }: Source, file: string): boolean {
  return paths.has(file) || [...paths].some((path) => file.startsWith(`${path}${sep}`));
}

/** Formats the first error that esbuild found. */
function messageOf(error: unknown): string {
  const { errors = [], message } = error as {
    errors?: { text: string; location: { file: string; line: number; column: number } | null }[];
    message: string;
  };
  const [first] = errors;
  if (first === undefined) return message;
  const { text, location } = first;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : "";
  return location === null
    ? `${text}${more}`
    : `${location.file}:${location.line}:${location.column + 1}: ${text}${more}`;
}
