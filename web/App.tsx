import { Client } from "@serverless-chat/client";
import { indexedDbStore } from "@serverless-chat/client/store";
import { ChatProvider } from "@serverless-chat/react";
import { useEffect, useState } from "preact/hooks";
import { ChatPage } from "./ChatPage.tsx";
import { type PageConfig, readPageConfig } from "./config.ts";
import { t } from "./language/index.ts";
import { localName, localToken } from "./signIn/localSignIn.ts";
import { SignIn } from "./signIn/SignIn.tsx";

const RETRY_MS = 2_000;

export function App() {
  const config = usePageConfig();
  const [name, setName] = useState(localName.read);
  if (name === undefined) {
    return (
      <SignIn
        onName={(chosen) => {
          localName.write(chosen);
          setName(chosen);
        }}
      />
    );
  }
  if (config === undefined) return <p class="splash muted">{t.connection.connecting}</p>;
  const signOut = () => {
    localName.clear();
    setName(undefined);
  };
  return (
    <ChatProvider key={name} connect={() => connect(config, name)}>
      <ChatPage name={name} onSignOut={signOut} />
    </ChatProvider>
  );
}

function connect({ webSocketUrl, tokens = "/token" }: PageConfig, name: string): Client {
  return new Client({
    url: webSocketUrl,
    token: () => localToken(tokens, name),
    store: indexedDbStore(`chat of ${name}`),
  });
}

/** Asks until the chat answers: the page may be there before it. */
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
