/** Actions that code calls with requests that it signs itself, without an SDK client. */
import type { Syntax } from "./syntax.ts";

/** Paths that end before a part that is filled in at run time. The SDK's own paths have a name in braces there. */
const PATHS: [path: RegExp, action: string][] = [
  [/\/@connections\/$/, "execute-api:ManageConnections"],
  [/\/2015-03-31\/functions\/$/, "lambda:InvokeFunction"],
];

export function signedRequestsIn(syntax: Syntax): string[] {
  const texts = [
    ...syntax.of("Literal").map(({ value }) => value),
    ...syntax.of("TemplateElement").map(({ value }) => value.cooked),
  ];
  return PATHS.flatMap(([path, action]) =>
    texts.some((text) => typeof text === "string" && path.test(text)) ? [action] : [],
  );
}
