import type { Client } from "@serverless-chat/client";

/** The parts of a chat that its sources need. */
export interface Host {
  /** @throws Error while nothing retains the client */
  readonly client: Client;
  /** @returns a function that releases the client */
  retain(): () => void;
}
