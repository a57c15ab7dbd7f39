/** Actions that code calls by requests which it signs itself, without a client of the SDK. */
import type { Syntax } from "./syntax.ts";

/** What comes after the last `/` is put in at run time; a client of the SDK has a name in braces there. */
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
