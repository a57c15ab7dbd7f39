import { limits } from "../../document/conditions.ts";
import type { DocumentRule } from "../rule.ts";
import { SENDS_SOURCE_TO_RESOURCE, SENDS_SOURCE_TO_TRUST } from "./confusedDeputyServices.ts";

export const confusedDeputy: DocumentRule = {
  id: "confused-deputy",
  severity: "medium",
  title: "A service is admitted on behalf of any account",
  kinds: ["trust", "resource"],
  check: ({ grants, context: { kind, service, account = "ACCOUNT" } }) =>
    grants.flatMap(({ statement }) => {
      if (statement.principal === undefined || statement.principal.negated) return [];
      const sends = kind === "trust" ? SENDS_SOURCE_TO_TRUST : SENDS_SOURCE_TO_RESOURCE;
      const services = statement.principal.principals
        .filter(({ kind: type }) => type === "Service")
        .map(({ value }) => ({ principal: value, name: serviceOf(value) }))
        .filter(({ name }) => sends.has(name) && !isExempt(name, service))
        // A bucket's ARN has no account, so a condition on it admits anyone who later owns a bucket with that name.
        .filter(({ name }) => !limits(statement, name === "s3" ? BINDS_OWNER : BINDS) && !bindsBucketOwner(name));
      if (services.length === 0) return [];
      const names = services.map(({ principal }) => principal).join(", ");
      const hasBucket = limits(statement, /^aws:sourcearn$/);
      return [
        {
          statement,
          message: hasBucket
            ? `aws:SourceArn names a bucket, whose ARN has no account: ${names} is admitted for whichever account owns a bucket of that name`
            : `another account's resources can make ${names} do this, since no condition names your account`,
          fix: { Condition: { StringEquals: { "aws:SourceAccount": account } } },
        },
      ];

      /** Whether the condition's source ARN has an account, as those of S3 access points and jobs do. */
      function bindsBucketOwner(name: string): boolean {
        if (name !== "s3") return false;
        return statement.conditions.some(
          (condition) =>
            condition.key.toLowerCase() === "aws:sourcearn" &&
            limits({ ...statement, conditions: [condition] }, BINDS) &&
            condition.values.every((arn) => /^\d{12}$/.test(arn.split(":")[4] ?? "")),
        );
      }
    }),
};

/** Whether no condition on the source works, as for EventBridge, which sends topics neither the account nor the ARN. */
function isExempt(caller: string, resource: string | undefined): boolean {
  return caller === "events" && resource === "sns";
}

const OTHER_KEYS =
  "aws:source(account|orgid|orgpaths)|sts:externalid|kms:(viaservice|calleraccount|encryptioncontext:.+|grantisforawsresource)|aws:principalorgid";
const BINDS = new RegExp(`^(aws:sourcearn|${OTHER_KEYS})$`);
const BINDS_OWNER = new RegExp(`^(${OTHER_KEYS})$`);

/** The service of a principal: `events` for `events.amazonaws.com`, `logs` for `logs.eu-central-1.amazonaws.com`. */
function serviceOf(principal: string): string {
  return principal
    .toLowerCase()
    .replace(/\.amazonaws\.com(\.cn)?$/, "")
    .replace(/\.[a-z]{2}(-[a-z]+)+-\d$/, "");
}
