import { Catalog } from "@serverless-chat/iam";

/** The catalog that `npm run policy:build` has built. */
export const catalog = new Catalog(new URL("../../iam/catalog.jsonl", import.meta.url));
