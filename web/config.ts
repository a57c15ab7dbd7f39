/** What `/config.json` says: one build of the page serves every stack. Either `signIn` or `tokens` is there. */
export interface PageConfig {
  /** Where the client connects. */
  webSocketUrl: string;
  /** The identity provider. */
  signIn?: OidcConfig;
  /** Path that gives a token for any name; only the local cloud has it. */
  tokens?: string;
}

/** An OIDC issuer, and what the page is called there. */
export interface OidcConfig {
  /** `iss` of its tokens; its discovery document says the rest. */
  issuer: string;
  /** `aud` of its ID tokens. */
  clientId: string;
}

/** @throws Error if the chat doesn't answer, or isn't ready */
export async function readPageConfig(): Promise<PageConfig> {
  const response = await fetch("/config.json", { cache: "no-store" });
  if (!response.ok) throw new Error(`/config.json answers ${response.status}`);
  return (await response.json()) as PageConfig;
}
