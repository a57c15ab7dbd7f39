/** XML that S3 reads and writes. */
import type { Answer } from "./answer.ts";

type Content = string | number | boolean | Content[] | { [name: string]: Content | undefined };

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';
const NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/";

/** @param content elements by name; a list repeats its element */
export function xmlAnswer(root: string, content: Content, headers: Record<string, string> = {}): Answer {
  return withLength(200, `${DECLARATION}<${root} xmlns="${NAMESPACE}">${inner(content)}</${root}>`, headers);
}

export function xmlFault(status: number, content: Content): Answer {
  return withLength(status, `${DECLARATION}<Error>${inner(content)}</Error>`);
}

function withLength(status: number, body: string, headers: Record<string, string> = {}): Answer {
  const length = String(Buffer.byteLength(body));
  return { status, headers: { "content-type": "application/xml", "content-length": length, ...headers }, body };
}

function inner(content: Content): string {
  if (typeof content !== "object") return escaped(String(content));
  return Object.entries(content)
    .flatMap(([name, value]) => (Array.isArray(value) ? value : [value]).map((one) => [name, one] as const))
    .map(([name, value]) => (value === undefined ? "" : `<${name}>${inner(value)}</${name}>`))
    .join("");
}

/** Contents of all elements with a name, at any depth. */
export function elementsOf(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}(?:\\s[^>]*)?>([\\s\\S]*?)</${name}>`, "g"))].map(
    ([, text = ""]) => text,
  );
}

const ENTITIES = new Map([
  ["lt", "<"],
  ["gt", ">"],
  ["amp", "&"],
  ["quot", '"'],
  ["apos", "'"],
]);

export function unescaped(text: string): string {
  return text.replace(/&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi, (entity, hex, decimal, name) => {
    if (name !== undefined) return ENTITIES.get(name) ?? entity;
    return String.fromCodePoint(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16));
  });
}

/** A carriage return is escaped, because XML parsers would normalize it. */
function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("\r", "&#13;");
}
