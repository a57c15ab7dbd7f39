import { useEffect, useState } from "preact/hooks";
import type { OidcConfig } from "../config.ts";
import { t } from "../language/index.ts";
import { Chat } from "./Chat.tsx";
import { type OidcSession, requestSignIn, resumeSignIn } from "./oidc.ts";

/** The chat of a stack, whose users sign in with an issuer. */
export function OidcChat({ url, signIn }: { url: string; signIn: OidcConfig }) {
  const [session, setSession] = useState<OidcSession | "signed out" | "failed">();
  const request = () => requestSignIn(signIn).catch(() => setSession("failed"));
  useEffect(() => {
    resumeSignIn(signIn).then(
      (resumed) => setSession(resumed ?? "signed out"),
      () => setSession("failed"),
    );
  }, []);
  if (session === undefined) return <p class="splash muted">{t.connection.connecting}</p>;
  if (typeof session === "string") {
    return (
      <main class="sign-in">
        <div class="card">
          <img src="/icon.svg" alt="" width="48" height="48" />
          <h1>{t.signIn.heading}</h1>
          {session === "failed" && <p role="alert">{t.signIn.failed}</p>}
          <button class="primary" type="button" onClick={() => void request()}>
            {t.signIn.go}
          </button>
        </div>
      </main>
    );
  }
  return (
    <Chat
      url={url}
      user={session}
      token={() => session.token()}
      onSignOut={() => session.signOut()}
      onSignIn={() => void request()}
    />
  );
}
