import { Client } from "@serverless-chat/client";
import { indexedDbStore } from "@serverless-chat/client/store";
import { ChatProvider } from "@serverless-chat/react";
import { ChatPage } from "../ChatPage.tsx";

/** The chat of a signed-in user. */
export function Chat(args: {
  url: string;
  user: { id: string; name: string };
  /** @throws ChatError */
  token: () => Promise<string>;
  onSignOut: () => void;
  /** Called when the user asks to sign in again, after the tokens have expired and can't be renewed. */
  onSignIn: () => void;
}) {
  const { url, user, token, onSignOut, onSignIn } = args;
  return (
    <ChatProvider key={user.id} connect={() => new Client({ url, token, store: indexedDbStore(`chat of ${user.id}`) })}>
      <ChatPage user={user} onSignOut={onSignOut} onSignIn={onSignIn} />
    </ChatProvider>
  );
}
