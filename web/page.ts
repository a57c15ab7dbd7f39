/** Builds the page's files, for the local cloud and for a deployment. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

export interface PageFile {
  body: string | Uint8Array;
  contentType: string;
  /** Its name changes with its content, so it may be cached forever. */
  isImmutable: boolean;
}

export interface Page {
  /** By path, such as `/index.html`. */
  files: Map<string, PageFile>;
  /** Absolute paths of what they are made of, installed packages excepted. */
  sources: Set<string>;
}

const TYPES = new Map([
  ["js", "text/javascript; charset=utf-8"],
  ["css", "text/css; charset=utf-8"],
]);

/** @throws BuildFailure naming the file and line */
export async function buildPage(): Promise<Page> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: pathOf(".."),
    entryPoints: { app: pathOf("main.tsx"), style: pathOf("styles/index.css") },
    outdir: pathOf("dist/assets"),
    entryNames: "[name]-[hash]",
    bundle: true,
    write: false,
    metafile: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    legalComments: "none",
    logLevel: "silent",
    tsconfig: pathOf("../tsconfig.json"),
    jsx: "automatic",
    jsxImportSource: "preact",
    alias: { react: "preact/compat" },
  });
  const files = new Map<string, PageFile>();
  let html = await readFile(pathOf("index.html"), "utf8");
  for (const { path, contents } of outputFiles) {
    const name = path.slice(path.lastIndexOf("/") + 1).replace(/^.*\\/, "");
    const extension = name.slice(name.lastIndexOf(".") + 1);
    files.set(`/assets/${name}`, { body: contents, contentType: TYPES.get(extension) ?? "", isImmutable: true });
    html = html.replace(`{${name.slice(0, name.indexOf("-"))}}`, `/assets/${name}`);
  }
  files.set("/icon.svg", {
    body: await readFile(pathOf("icon.svg")),
    contentType: "image/svg+xml",
    isImmutable: false,
  });
  files.set("/index.html", { body: html, contentType: "text/html; charset=utf-8", isImmutable: false });
  const sources = Object.keys(metafile.inputs).filter((source) => !/(^|\/)node_modules\//.test(source));
  return {
    files,
    sources: new Set([...sources.map((source) => pathOf(`../${source}`)), pathOf("index.html"), pathOf("icon.svg")]),
  };
}

/**
 * The page's Content-Security-Policy: nothing but its own files, no inline code, and no text that becomes markup.
 *
 * @param connectTo other origins that it talks to, such as `wss://…`
 */
export function contentSecurityPolicy(connectTo: string[]): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    `connect-src ${["'self'", ...connectTo].join(" ")}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");
}

function pathOf(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}
