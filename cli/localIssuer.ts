import type { TokenRequest } from "../local/identity/issuer.ts";

/**
 * Requests a token from the local cloud's issuer.
 *
 * @param url where the local cloud listens, such as `http://127.0.0.1:4510`
 * @throws Error that says what to start if nothing listens there
 */
export async function requestToken(url: string, request: TokenRequest): Promise<string> {
  let response: Response;
  try {
    response = await fetch(`${url}/.well-known/tokens`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(request),
    });
  } catch {
    throw new Error(`no local cloud listens at ${url}: start one with "npm start", or name its port`);
  }
  if (!response.ok) throw new Error(`the issuer at ${url} answers ${response.status}: ${await response.text()}`);
  const { token } = (await response.json()) as { token: string };
  return token;
}
