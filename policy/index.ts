/** A policy pack for least privilege in AWS stacks. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { PolicyPack } from "@pulumi/policy";
import { Catalog } from "@serverless-chat/iam";
import { policiesOf } from "./pack/policies.ts";

new PolicyPack("least-privilege", {
  policies: policiesOf(
    new Catalog(join(import.meta.dirname, "catalog.jsonl")),
    new URL("codeReader.mjs", import.meta.url),
    (rule) => pathToFileURL(join(import.meta.dirname, "docs", `${rule}.md`)).href,
  ),
});
