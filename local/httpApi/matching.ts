/**
 * Selects the most specific route for a request.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
 */

import { decoded } from "../percentDecoding.ts";
import type { HttpRoute } from "./definition.ts";

export interface Matched {
  route: HttpRoute;
  pathParameters: Record<string, string>;
}

/** @param path the path as sent, without the stage */
export function matchRoute(routes: readonly HttpRoute[], method: string, path: string): Matched | undefined {
  const matched = routes.flatMap((route) => {
    if (route.path === "$default" || (route.method !== "ANY" && route.method !== method)) return [];
    const pathParameters = parametersOf(route.path, path);
    return pathParameters === undefined ? [] : [{ route, pathParameters }];
  });
  const [best] = matched.sort((a, b) => compareText(rankOf(b.route), rankOf(a.route)));
  if (best !== undefined) return best;
  const otherwise = routes.find((route) => route.path === "$default");
  return otherwise && { route: otherwise, pathParameters: {} };
}

/** The path's parameters; undefined if the path doesn't match the template. */
function parametersOf(template: string, path: string): Record<string, string> | undefined {
  const [expected, actual] = [partsOf(template), partsOf(path)];
  const parameters = new Map<string, string>();
  for (const [i, part] of expected.entries()) {
    const greedy = /^\{(.+)\+\}$/.exec(part)?.[1];
    if (greedy !== undefined) {
      if (actual.length <= i) return undefined;
      parameters.set(greedy, actual.slice(i).join("/"));
      return Object.fromEntries(parameters);
    }
    const value = actual[i];
    const name = /^\{(.+)\}$/.exec(part)?.[1];
    if (value === undefined || (name === undefined && part !== value)) return undefined;
    if (name !== undefined) parameters.set(name, decoded(value));
  }
  return actual.length === expected.length ? Object.fromEntries(parameters) : undefined;
}

function partsOf(path: string): string[] {
  return path.split("/").filter((part) => part !== "");
}

/** Ranks routes: fixed parts precede parameters, which precede greedy ones; a specific method precedes `ANY`. */
function rankOf({ path, method }: HttpRoute): string {
  const parts = partsOf(path).map((part) => (/\+\}$/.test(part) ? "0" : part.startsWith("{") ? "1" : "2"));
  return `${parts.join("")}${method === "ANY" ? " " : "!"}`;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
