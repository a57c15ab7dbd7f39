import { renewToken } from "../chat/connections";
import { resource } from "../chat/resource";
import { TokenRefused, TokenVerifier } from "../chat/tokens";
import type { ErrorFrame } from "../protocol/errors";
import { RefreshToken } from "../protocol/requests";
import { messageRoute } from "./messageRoute";

export type Uses = { CONNECTIONS_TABLE: "Query" | "UpdateItem"; ISSUER: "setting"; AUDIENCE: "setting" };

const connections = resource<Uses, "CONNECTIONS_TABLE">("CONNECTIONS_TABLE");
const verifier = new TokenVerifier({
  issuer: resource<Uses, "ISSUER">("ISSUER"),
  audience: resource<Uses, "AUDIENCE">("AUDIENCE"),
});

/** Whose token has expired is who has to come here. */
const whoever = async () => undefined;

/** `refreshToken`: a newer token of the same person keeps the connection open for messages past the first one's end. */
export const refreshToken = messageRoute(whoever, RefreshToken, async ({ id, token }, caller) => {
  const refused = (code: "UNAUTHORIZED" | "FORBIDDEN", message: string) => {
    const answer: ErrorFrame = { type: "error", id, code, message, retryable: false };
    return { answer, did: code };
  };
  try {
    const { user, tokenExpiresAt } = await verifier.verify(token);
    if (user.id !== caller.user.id) return refused("FORBIDDEN", "the token is another person's");
    await renewToken(connections, caller.connectionId, tokenExpiresAt);
    return { answer: { type: "ack", id, expiresAt: tokenExpiresAt }, did: "refreshed" };
  } catch (error) {
    if (error instanceof TokenRefused) return refused("UNAUTHORIZED", `the token is refused: ${error.message}`);
    throw error;
  }
});
