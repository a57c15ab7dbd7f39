export { fileStore } from "./file.ts";
export { indexedDbStore } from "./indexedDb.ts";
