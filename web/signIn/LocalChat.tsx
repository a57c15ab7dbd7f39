import { useState } from "preact/hooks";
import { Chat } from "./Chat.tsx";
import { localName, localToken } from "./localSignIn.ts";
import { SignInByName } from "./SignInByName.tsx";

/** The chat of the local cloud, where a name is enough. */
export function LocalChat({ url, tokens }: { url: string; tokens: string }) {
  const [name, setName] = useState(localName.read);
  if (name === undefined) {
    return (
      <SignInByName
        onName={(chosen) => {
          localName.write(chosen);
          setName(chosen);
        }}
      />
    );
  }
  const signOut = () => {
    localName.clear();
    setName(undefined);
  };
  return (
    <Chat
      url={url}
      user={{ id: name, name }}
      token={() => localToken(tokens, name)}
      onSignOut={signOut}
      onSignIn={signOut}
    />
  );
}
