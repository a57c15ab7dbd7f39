/**
 * Route selection expressions: text with variables such as `$request.body.action` or
 * `${request.body.a}/${request.body.b}`.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-selection-expressions.html
 */

/** Routes that no frame can select by name. */
const NOT_SELECTABLE = new Set(["$connect", "$disconnect", "$default"]);

/** The route key that a frame selects; `$default` if it doesn't name a route. */
export function selectRoute(expression: string, body: string, routeKeys: { has(key: string): boolean }): string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return "$default";
  }
  const selected = evaluateSelection(expression, parsed);
  return !NOT_SELECTABLE.has(selected) && routeKeys.has(selected) ? selected : "$default";
}

/** The expression's value for a parsed body. A variable whose path leads nowhere becomes "". */
export function evaluateSelection(expression: string, body: unknown): string {
  if (/^\$request\.[\w.-]+$/.test(expression)) return valueAt(expression.slice(1), body);
  return expression.replace(/\\\$|\$\{([^}]*)\}/g, (text, variable: string | undefined) =>
    variable === undefined ? text.slice(1) : valueAt(variable, body),
  );
}

function valueAt(variable: string, body: unknown): string {
  const [request, part, ...path] = variable.split(".");
  if (request !== "request" || part !== "body") return "";
  let value: unknown = body;
  for (const key of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return "";
    value = (value as Record<string, unknown>)[key];
  }
  return ["string", "number", "boolean"].includes(typeof value) ? String(value) : "";
}
