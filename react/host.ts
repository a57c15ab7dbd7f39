import type { Client } from "@serverless-chat/client";

/** What the sources need from the chat that they belong to. */
export interface Host {
  /** @throws Error while nothing retains the client */
  readonly client: Client;
  /** @returns a function that releases the client */
  retain(): () => void;
}
