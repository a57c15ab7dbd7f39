import { limits } from "../../document/conditions.ts";
import type { DocumentRule } from "../rule.ts";
import { SENDS_SOURCE_TO_RESOURCE, SENDS_SOURCE_TO_TRUST } from "./confusedDeputyServices.ts";

export const confusedDeputy: DocumentRule = {
  id: "confused-deputy",
  severity: "medium",
  title: "A service is let in for whoever asks it",
  kinds: ["trust", "resource"],
  check: ({ grants, context: { kind, service, account = "ACCOUNT" } }) =>
    grants.flatMap(({ statement }) => {
      if (statement.principal === undefined || statement.principal.negated || limits(statement, BINDS)) return [];
      const sends = kind === "trust" ? SENDS_SOURCE_TO_TRUST : SENDS_SOURCE_TO_RESOURCE;
      const services = statement.principal.principals
        .filter(
          ({ kind: of, value }) =>
            of === "Service" && sends.has(serviceOf(value)) && !isExempt(serviceOf(value), service),
        )
        .map(({ value }) => value);
      if (services.length === 0) return [];
      return [
        {
          statement,
          message: `${services.join(", ")} may be made to do this by another account's resource, since no condition says whose`,
          fix: { Condition: { StringEquals: { "aws:SourceAccount": account } } },
        },
      ];
    }),
};

/** EventBridge sends neither to a topic: its guide says that conditions cannot be used there. */
function isExempt(caller: string, resource: string | undefined): boolean {
  return caller === "events" && resource === "sns";
}

const BINDS =
  /^(aws:source(arn|account|orgid|orgpaths)|sts:externalid|kms:(viaservice|calleraccount|encryptioncontext:.+|grantisforawsresource)|aws:principalorgid)$/;

/** `events` of `events.amazonaws.com`, `logs` of `logs.eu-central-1.amazonaws.com`. */
function serviceOf(principal: string): string {
  return principal
    .toLowerCase()
    .replace(/\.amazonaws\.com(\.cn)?$/, "")
    .replace(/\.[a-z]{2}(-[a-z]+)+-\d$/, "");
}
