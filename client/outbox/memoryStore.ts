import type { AppendStore } from "./store.ts";

/** Stores nothing: appends are lost with the client. */
export const memoryStore: AppendStore = {
  load: async () => [],
  put: async () => {},
  remove: async () => {},
};
