import { renewToken } from "../chat/connections/connections";
import { TokenRefused, TokenVerifier } from "../chat/identity/tokens";
import { Refusal, unknownConnection } from "../chat/refusal";
import { resource } from "../chat/resource";
import { RefreshToken } from "../protocol/requests";
import { type MessageUses, messageRoute } from "./messageRoute";

export type Uses = MessageUses & { CONNECTIONS_TABLE: "Query" | "UpdateItem"; ISSUER: "setting"; AUDIENCE: "setting" };

const connections = resource<Uses, "CONNECTIONS_TABLE">("CONNECTIONS_TABLE");
const verifier = new TokenVerifier({
  issuer: resource<Uses, "ISSUER">("ISSUER"),
  audience: resource<Uses, "AUDIENCE">("AUDIENCE"),
});

/** Whose token has expired is who has to come here. */
const whoever = async () => undefined;

/** `refreshToken`: a newer token of the same person keeps the connection open for messages past the first one's end. */
export const refreshToken = messageRoute(whoever, RefreshToken, async ({ id, token }, caller) => {
  const { user, tokenExpiresAt } = await verified(token);
  if (user.id !== caller.user.id) throw new Refusal("FORBIDDEN", "the token is another person's");
  if (!(await renewToken(connections, caller.connectionId, tokenExpiresAt))) throw unknownConnection();
  return { answer: { type: "ack", id, expiresAt: tokenExpiresAt }, did: "refreshed" };
});

async function verified(token: string): ReturnType<TokenVerifier["verify"]> {
  try {
    return await verifier.verify(token);
  } catch (error) {
    if (error instanceof TokenRefused) throw new Refusal("UNAUTHORIZED", `the token is refused: ${error.message}`);
    throw error;
  }
}
