/** Builds the chat page (web/), for the local cloud and for a deployment. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join, parse } from "node:path";

export interface PageFile {
  body: string | Uint8Array;
  contentType: string;
  /** Whether the file's name changes with its content, so that the file may be cached forever. */
  isImmutable: boolean;
}

export interface Page {
  /** Files by path, such as `/index.html`. */
  files: Map<string, PageFile>;
  /** Absolute paths of the page's source files, excluding installed packages. */
  sources: Set<string>;
}

const TYPES = new Map([
  [".js", "text/javascript; charset=utf-8"],
  [".css", "text/css; charset=utf-8"],
]);

/**
 * @param folder the program's folder
 * @throws BuildFailure naming the file and line
 */
export async function buildPage(folder: string): Promise<Page> {
  // Loaded on demand, because importing only the Content-Security-Policy doesn't need it.
  const { build } = await import("esbuild");
  const pathOf = (file: string) => join(folder, "web", file);
  const { outputFiles, metafile } = await build({
    absWorkingDir: folder,
    entryPoints: { app: pathOf("main.tsx"), style: pathOf("styles/index.css") },
    outdir: pathOf("dist/assets"),
    bundle: true,
    write: false,
    metafile: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    legalComments: "none",
    logLevel: "silent",
    tsconfig: join(folder, "tsconfig.json"),
    jsx: "automatic",
    jsxImportSource: "preact",
    alias: { react: "preact/compat" },
  });
  const files = new Map<string, PageFile>();
  let html = await readFile(pathOf("index.html"), "utf8");
  for (const { path, contents } of outputFiles) {
    const { name, ext } = parse(path);
    // esbuild's own hash depends on the folder's location, so another checkout would upload the same page again.
    const hash = createHash("sha256").update(contents).digest("hex").slice(0, 8);
    const asset = `/assets/${name}-${hash}${ext}`;
    files.set(asset, { body: contents, contentType: TYPES.get(ext) ?? "", isImmutable: true });
    html = html.replace(`{${name}}`, asset);
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
    sources: new Set([...sources.map((source) => join(folder, source)), pathOf("index.html"), pathOf("icon.svg")]),
  };
}

/**
 * The page's Content-Security-Policy, which allows only the page's own files, no inline code, and no text as markup.
 *
 * @param connectTo URLs of other origins that the page connects to, such as `wss://…`
 */
export function contentSecurityPolicy(connectTo: string[]): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    `connect-src ${["'self'", ...connectTo.map(originOf)].join(" ")}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");
}

/** Unlike `URL.origin`, this supports WebSocket URLs. */
function originOf(url: string): string {
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}
