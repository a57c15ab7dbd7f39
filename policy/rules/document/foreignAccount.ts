import { limits } from "../../document/conditions.ts";
import { accountOf, isWholeAccount } from "../../document/principals.ts";
import type { DocumentRule } from "../rule.ts";

export const foreignAccount: DocumentRule = {
  id: "foreign-account",
  severity: "medium",
  title: "Another account is let in, and no condition says for whom it acts",
  kinds: ["trust", "resource"],
  check: ({ grants, context: { kind, account } }) => {
    return grants.flatMap(({ statement, actions }) => {
      if (statement.principal === undefined || statement.principal.negated) return [];
      const named = statement.principal.principals.filter(({ kind: of }) => of === "AWS").map(({ value }) => value);
      // Who does not know the own account knows that of two one is another's.
      const own = account ?? accountOf(named[0] ?? "");
      const foreign = named.filter((value) => ![own, ...LOG_DELIVERY].includes(accountOf(value) ?? own));
      if (foreign.length === 0) return [];
      const isOpen =
        kind === "trust"
          ? !limits(statement, TRUST_BINDS)
          : foreign.some(isWholeAccount) &&
            actions.some(({ name, level }) => level !== "read" && level !== "list" && !MEANT_FOR_OTHERS.has(name)) &&
            !limits(statement, RESOURCE_BINDS);
      if (!isOpen) return [];
      return [
        {
          statement,
          message: `${foreign.join(", ")} is of another account${kind === "trust" ? ", and may be talked into acting for somebody else" : ": everybody there whom it lets may do this"}`,
          fix:
            kind === "trust"
              ? { Condition: { StringEquals: { "sts:ExternalId": "A-VALUE-THAT-BOTH-KNOW" } } }
              : { Principal: { AWS: named.map((value) => (foreign.includes(value) ? roleIn(value) : value)) } },
        },
      ];
    });
  },
};

function roleIn(principal: string): string {
  return `arn:aws:iam::${accountOf(principal)}:role/NAME`;
}

const TRUST_BINDS =
  /^(sts:externalid|aws:principal(orgid|orgpaths|arn|tag\/.+)|aws:source(arn|account|ip|vpc|vpce|identity)|aws:multifactorauthpresent)$/;
const RESOURCE_BINDS =
  /^(aws:principal(arn|tag\/.+|orgid|orgpaths)|aws:source(vpc|vpce|arn|ip)|kms:(viaservice|grantisforawsresource|calleraccount)|s3:.*)$/;

/** What one does for another account, when it is all that is allowed. */
const MEANT_FOR_OTHERS = new Set(["events:PutEvents", "sns:Subscribe", "sns:Receive"]);

/**
 * Elastic Load Balancing's own accounts, which write access logs in the older Regions.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
 */
const LOG_DELIVERY = `127311923021 033677994240 027434742980 797873946194 098369216593 754344448648 589379963580
  718504428378 383597477331 600734575887 114774131450 783225319266 582318560864 985666609251 054676820928 156460612806
  652711504416 635631232127 009996457667 897822967062 076674570225 507241528517 190560391635 048591011584 638102146993
  037604701340`.split(/\s+/);
