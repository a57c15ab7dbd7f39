import { Catalogue } from "@serverless-chat/iam";

/** The catalogue that `npm run policy:build` has made. */
export const catalogue = new Catalogue(new URL("../../iam/catalogue.jsonl", import.meta.url));
