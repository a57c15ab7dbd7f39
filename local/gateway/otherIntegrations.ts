/**
 * Integrations without a function: MOCK, and HTTP to an address on this machine.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-integrations.html
 */
import type { Integration } from "./definition.ts";
import type { GatewayEvent } from "./events.ts";

type Outcome = { result: unknown } | { error: string; refused: boolean; timedOut?: true };

/** Answers with the status in the request template, or 200 if there is none. Doesn't evaluate response templates. */
export function answerMock({ requestTemplates = {} }: Integration): Outcome {
  const template = new Map(Object.entries(requestTemplates)).get("$default") ?? Object.values(requestTemplates)[0];
  const statusCode = /"statusCode"\s*:\s*"?(\d{3})/.exec(template ?? "")?.[1];
  return { result: { statusCode: Number(statusCode ?? 200) } };
}

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** Sends the frame's text and returns the response. Calls only this machine, whereas AWS would call any address. */
export async function callHttp(
  { uri = "", method = "POST", timeoutMs }: Integration,
  { body }: GatewayEvent,
): Promise<Outcome> {
  if (!URL.canParse(uri) || !LOOPBACK.test(new URL(uri).hostname)) {
    return { error: `the local cloud only calls this machine, not ${uri}`, refused: true };
  }
  try {
    const verb = method === "ANY" ? "POST" : method;
    const response = await fetch(uri, {
      method: verb,
      signal: AbortSignal.timeout(timeoutMs),
      ...(typeof body === "string" && !["GET", "HEAD"].includes(verb)
        ? { body, headers: { "content-type": "application/json" } }
        : {}),
    });
    return { result: { statusCode: response.status, body: await response.text() } };
  } catch (error) {
    const { name, message, cause } = error as Error;
    if (name === "TimeoutError") return { error: TIMED_OUT, refused: false, timedOut: true };
    return { error: `${uri} cannot be called: ${cause instanceof Error ? cause.message : message}`, refused: false };
  }
}

export const TIMED_OUT = "Execution failed due to a timeout error";
