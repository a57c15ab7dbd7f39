/** What `/config.json` says: one build of the page serves every stack. */
export interface PageConfig {
  /** Where the client connects. */
  webSocketUrl: string;
  /** Path that gives a token for any name; only the local cloud has it. */
  tokens?: string;
}

/** @throws Error if the chat doesn't answer, or isn't ready */
export async function readPageConfig(): Promise<PageConfig> {
  const response = await fetch("/config.json", { cache: "no-store" });
  if (!response.ok) throw new Error(`/config.json answers ${response.status}`);
  return (await response.json()) as PageConfig;
}
