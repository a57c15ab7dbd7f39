import { renewToken } from "../chat/connections/connections";
import type { Admission } from "../chat/identity/caller";
import { TokenRefused, TokenVerifier } from "../chat/identity/tokens";
import { Refusal, unknownConnection } from "../chat/refusal";
import { RefreshToken } from "../protocol/requests";
import { environment } from "./environment";
import { type MessageUses, messageRoute } from "./messageRoute";

export type Uses = MessageUses<"Query"> & {
  ISSUER: "setting";
  AUDIENCE: "setting";
};

const env = environment<Uses>();
const { CONNECTIONS_TABLE: connections, ISSUER: issuer, AUDIENCE: audience } = env;
const verifier = new TokenVerifier({ issuer, audience });

/** A client whose token has expired must be able to call this. */
const anyone: Admission<unknown> = async (caller) => caller;

/**
 * `refreshToken`: accepts a newer token of the same person, so that the connection outlasts the earlier token.
 */
export const refreshToken = messageRoute(env, {
  admits: anyone,
  schema: RefreshToken,
  points: 1,
  async run({ id, token }, caller) {
    const { user, tokenExpiresAt } = await verified(token);
    if (user.id !== caller.user.id) throw new Refusal("FORBIDDEN", "the token is another person's");
    if (!(await renewToken(connections, caller.connectionId, tokenExpiresAt))) throw unknownConnection();
    const expiresInMs = tokenExpiresAt - Date.now();
    return { answer: { type: "ack", id, expiresAt: tokenExpiresAt, expiresInMs }, did: "refreshed" };
  },
});

async function verified(token: string): ReturnType<TokenVerifier["verify"]> {
  try {
    return await verifier.verify(token);
  } catch (error) {
    if (error instanceof TokenRefused) throw new Refusal("UNAUTHORIZED", `the token is refused: ${error.message}`);
    throw error;
  }
}
