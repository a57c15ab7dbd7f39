import type { APIGatewayAuthorizerResult, APIGatewayRequestAuthorizerEvent } from "aws-lambda";
import { TokenRefused, TokenVerifier } from "../chat/identity/tokens";
import { environment } from "./environment";
import { log } from "./log";
import { offeredProtocols } from "./subprotocols";

export type Uses = { ISSUER: "setting"; AUDIENCE: "setting"; ORIGINS: "setting" };

const { ISSUER: issuer, AUDIENCE: audience, ORIGINS } = environment<Uses>();
const verifier = new TokenVerifier({ issuer, audience });
/** Origins of the pages that may connect; the variable is a JSON list. */
const origins: string[] = JSON.parse(ORIGINS);

/** API Gateway answers 401 for an error with exactly this message, and 500 for any other. */
const UNAUTHORIZED = "Unauthorized";

/**
 * Allows a connection with a valid token. The token comes as a subprotocol, because a browser can't set headers and
 * URLs end up in logs.
 *
 * @throws Error `Unauthorized` for a missing or refused token; another error if the issuer doesn't answer
 */
export async function authorize(event: APIGatewayRequestAuthorizerEvent): Promise<APIGatewayAuthorizerResult> {
  const started = performance.now();
  const { connectionId = "", requestId } = event.requestContext as { connectionId?: string; requestId: string };
  const say = (did: string) =>
    log({ route: "authorizer", connectionId, requestId, did, ms: Math.round(performance.now() - started) });
  const headers = lowerCased(event.headers ?? {});
  const token = offeredProtocols(headers["sec-websocket-protocol"]).token;
  if (token === undefined) throw new Error(UNAUTHORIZED);
  // Only browsers send an origin, and a page can't forge it.
  if (headers.origin !== undefined && !origins.includes(headers.origin)) {
    say("refused: the page's origin isn't allowed");
    return decision("Deny", "nobody", event);
  }
  try {
    const { user, tokenExpiresAt } = await verifier.verify(token);
    say("admitted");
    return { ...decision("Allow", user.id, event), context: { name: user.name, tokenExpiresAt } };
  } catch (error) {
    if (error instanceof TokenRefused) {
      say(`refused: ${error.message}`);
      throw new Error(UNAUTHORIZED);
    }
    throw error;
  }
}

/** A policy for only this API's stage and route. */
function decision(
  effect: "Allow" | "Deny",
  principalId: string,
  { methodArn }: APIGatewayRequestAuthorizerEvent,
): APIGatewayAuthorizerResult {
  return {
    principalId,
    policyDocument: {
      Version: "2012-10-17",
      Statement: [{ Effect: effect, Action: "execute-api:Invoke", Resource: methodArn }],
    },
  };
}

function lowerCased(headers: Record<string, string | undefined>): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
