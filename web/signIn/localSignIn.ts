import { ChatError } from "@serverless-chat/client";

const NAME = "chat.name";

/** The name is stored per tab, so that you can chat with yourself in two tabs, and a reload stays signed in. */
export const localName = {
  read: (): string | undefined => sessionStorage.getItem(NAME) ?? undefined,
  write: (name: string): void => sessionStorage.setItem(NAME, name),
  clear: (): void => sessionStorage.removeItem(NAME),
};

/** A token from the local cloud's issuer, which accepts any name. @throws ChatError */
export async function localToken(path: string, name: string): Promise<string> {
  const response = await fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ user: name }),
  });
  if (response.ok) return ((await response.json()) as { token: string }).token;
  throw new ChatError("NO_TOKEN", `the issuer answered ${response.status}`, { retryable: response.status >= 500 });
}
