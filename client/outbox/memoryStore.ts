import type { AppendStore } from "./store.ts";

/** Keeps nothing beyond the client that holds it. */
export const memoryStore: AppendStore = {
  load: async () => [],
  put: async () => {},
  remove: async () => {},
};
