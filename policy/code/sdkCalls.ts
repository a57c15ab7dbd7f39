/**
 * The AWS operations that a function's code calls, whatever a bundler has left of it:
 *
 *     new PutItemCommand(…)                                      as it was written
 *     A=class extends b(c,d,"PutItem",e){} … new A(…)            the SDK's schemas, minified
 *     A=class extends B.classBuilder()….s("Service","PutItem",{})….build(){} … new A(…)
 *     F=class extends G{… this.clientCommand=new A(…) …} … new F(…)   the document client's wrapper of A
 *     new AWS.DynamoDB.DocumentClient().put(…)                   version 2
 */
import { actionsFor } from "./operations.ts";
import { servicesIn } from "./services.ts";

export interface SdkCalls {
  /** What the calls need: of each list one. */
  needs: string[][];
  /** All of them. */
  actions: Set<string>;
  /** Operations of which it cannot be said what they need, or code that is not all here: then nothing is unused. */
  isPartial: boolean;
}

export function sdkCallsOf(text: string, isAction: (name: string) => boolean): SdkCalls {
  const code = withoutComments(text);
  const services = servicesIn(code);
  const operations = [...new Set([...commandsByName(code), ...commandsByClass(code), ...methods(code)])];
  const needs: string[][] = [];
  let isPartial = hasForeignCode(code);
  for (const operation of operations) {
    const needed = actionsFor(operation, services, code, isAction);
    needs.push(...needed);
    if (needed.length === 0) isPartial = true;
  }
  return { needs, actions: new Set(needs.flat()), isPartial };
}

/** Texts and templates stay, for a comment may seem to begin in one. */
function withoutComments(code: string): string {
  const parts =
    /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`|\/\*[\s\S]*?\*\/|(?<=^|[\s;{}(),])\/\/[^\n]*/g;
  return code.replace(parts, (part) => (/^\/[*/]/.test(part) ? " " : part));
}

function commandsByName(code: string): string[] {
  const commands = [...code.matchAll(/\bnew\s+(?:[\w$]+\.)?([A-Z]\w+)Command\(/g)].map(([, name]) => name as string);
  const paginators = [...code.matchAll(/\bpaginate([A-Z]\w+)\(/g)].map(([, name]) => name as string);
  // `const { GetCommand: n } = require(…)`, `import { GetCommand as n } from …`: a minifier keeps the module's names.
  const renamed = [...code.matchAll(/\b([A-Z]\w+)Command(?:\s*:\s*|\s+as\s+)([\w$]+)/g)].flatMap(([, name, as]) =>
    instancesOf(code, as as string).length > 0 ? [name as string] : [],
  );
  const uploads = /\bnew\s+(?:[\w$]+\.)?Upload\(/.test(code) && /@aws-sdk\/lib-storage/.test(code) ? ["Upload"] : [];
  return [...commands, ...paginators, ...renamed, ...uploads];
}

/** Classes whose own name is gone, and whose operation is a text within. */
const CLASSES = [
  /([\w$]+)\s*=\s*class(?:\s+[\w$]+)?\s+extends\s+[\w$.]+\([\w$.]+,\s*[\w$.]+,\s*"([A-Z]\w+)",\s*[\w$.]+\)/g,
  /([\w$]+)\s*=\s*class(?:\s+[\w$]+)?\s+extends\s+[\w$.]+\.classBuilder\(\)(?:(?!=\s*class)[\s\S]){0,1500}?\.s\("[^"]*",\s*"([A-Z]\w+)"/g,
];

function commandsByClass(code: string): string[] {
  return CLASSES.flatMap((pattern) =>
    [...code.matchAll(pattern)].flatMap(([, name, operation]) =>
      isMade(code, name as string) ? [operation as string] : [],
    ),
  );
}

/** Whether the class, or one that wraps it, is ever made an instance of. */
function isMade(code: string, name: string): boolean {
  const instances = instancesOf(code, name);
  const within = instances.filter(
    (at) => code.slice(0, at).endsWith("clientCommand=") || /clientCommand\s*=\s*$/.test(code.slice(at - 20, at)),
  );
  const wrappers = within.flatMap((at) => classAround(code, at) ?? []);
  return instances.length > within.length || wrappers.some((wrapper) => instancesOf(code, wrapper).length > 0);
}

/** Where `new name(` stands. */
function instancesOf(code: string, name: string): number[] {
  const escaped = name.replaceAll("$", "\\$");
  return [...code.matchAll(new RegExp(`(?<![\\w$])new\\s+${escaped}\\(`, "g"))].map(({ index }) => index);
}

/** The name of the class whose body a place is in, taken from the last that begins before it. */
function classAround(code: string, at: number): string | undefined {
  return [...code.slice(Math.max(0, at - 2_000), at).matchAll(/([\w$]+)\s*=\s*class(?:\s+[\w$]+)?\s+extends/g)].at(
    -1,
  )?.[1];
}

/** Methods of a client of version 2, and of version 3's clients that have all operations as methods. */
function methods(code: string): string[] {
  return clientsIn(code).flatMap((variable) => {
    const escaped = variable.replaceAll("$", "\\$");
    return [...code.matchAll(new RegExp(`(?<![\\w$])${escaped}\\.([a-z]\\w+)\\(`, "g"))]
      .map(([, method]) => method as string)
      .filter((method) => !NO_OPERATIONS.has(method))
      .map((method) => `${method[0]?.toUpperCase()}${method.slice(1)}`);
  });
}

const NO_OPERATIONS = new Set(["promise", "send", "destroy", "on", "config", "middlewareStack", "from"]);

/** Names of the variables that hold such clients. */
function clientsIn(code: string): string[] {
  if (!/\bAWS\.|aws-sdk\/clients|@aws-sdk\//.test(code)) return [];
  const made = [...code.matchAll(/([\w$]+)\s*=\s*new\s+(?:[\w$]+\.)?([A-Z]\w*(?:\.DocumentClient)?)\(/g)];
  const isClient = (type: string) =>
    new RegExp(
      `\\bAWS\\.${type.split(".")[0]}\\b|\\{[^}]*\\b${type}\\b[^}]*\\}\\s*(?:from\\s*["']|=\\s*require\\(["'])@aws-sdk/`,
    ).test(code) && !/(Client|Command)$/.test(type.replace(/\.DocumentClient$/, ""));
  return [
    ...made.filter(([, , type]) => isClient(type as string)),
    ...code.matchAll(/([\w$]+)\s*=\s*(?:[\w$]+\.)?DynamoDBDocument\.from\(/g),
  ].map(([, variable]) => variable as string);
}

/** Whether the code brings in packages that are not here, beside the SDK and Node's own. */
function hasForeignCode(code: string): boolean {
  const imported = [
    ...code.matchAll(/\brequire\(\s*["']([^"']+)["']\s*\)/g),
    ...code.matchAll(/^\s*import\b[^"'\n]*["']([^"']+)["']/gm),
  ].map(([, path]) => path as string);
  return imported.some(
    (path) => !/^(node:|\.|@aws-sdk\/|@smithy\/|aws-sdk|aws-lambda)/.test(path) && !BUILT_IN.has(path),
  );
}

const BUILT_IN = new Set(
  "assert async_hooks buffer child_process cluster console crypto dgram diagnostics_channel dns domain events fs fs/promises http http2 https module net os path perf_hooks process punycode querystring readline stream stream/promises stream/web string_decoder timers timers/promises tls tty url util v8 vm worker_threads zlib".split(
    " ",
  ),
);
