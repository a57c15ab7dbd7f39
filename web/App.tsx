import { useEffect, useState } from "preact/hooks";
import { type PageConfig, readPageConfig } from "./config.ts";
import { t } from "./language/index.ts";
import { LocalChat } from "./signIn/LocalChat.tsx";
import { OidcChat } from "./signIn/OidcChat.tsx";

const RETRY_MS = 2_000;

export function App() {
  const config = usePageConfig();
  if (config === undefined) return <p class="splash muted">{t.connection.connecting}</p>;
  const { webSocketUrl, signIn, tokens = "/token" } = config;
  return signIn === undefined ? (
    <LocalChat url={webSocketUrl} tokens={tokens} />
  ) : (
    <OidcChat url={webSocketUrl} signIn={signIn} />
  );
}

/**
 * Reads the configuration, and retries until the chat answers, because the page may load before the chat has started.
 */
function usePageConfig(): PageConfig | undefined {
  const [config, setConfig] = useState<PageConfig>();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = () =>
      void readPageConfig().then(setConfig, () => {
        timer = setTimeout(ask, RETRY_MS);
      });
    ask();
    return () => clearTimeout(timer);
  }, []);
  return config;
}
