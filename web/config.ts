/**
 * Contents of `/config.json`, which lets all stacks share one build of the page. Either `signIn` or `tokens` is set.
 */
export interface PageConfig {
  /** The WebSocket URL for clients. */
  webSocketUrl: string;
  /** The identity provider. */
  signIn?: OidcConfig;
  /** Path that returns a token for any name; only the local cloud has it. */
  tokens?: string;
}

/** An OIDC issuer, and the page's client id there. */
export interface OidcConfig {
  /** `iss` of the issuer's tokens. The issuer's discovery document contains the rest. */
  issuer: string;
  /** `aud` of the ID tokens. */
  clientId: string;
}

/** @throws Error if the chat doesn't answer, or isn't ready */
export async function readPageConfig(): Promise<PageConfig> {
  const response = await fetch("/config.json", { cache: "no-store" });
  if (!response.ok) throw new Error(`/config.json answered ${response.status}`);
  return (await response.json()) as PageConfig;
}
