import type { Statement } from "@serverless-chat/iam";
import { limits } from "../../document/conditions.ts";
import { accountOf, isWholeAccount, ownAccountOf } from "../../document/principals.ts";
import type { Grant } from "../../document/subject.ts";
import type { DocumentRule } from "../rule.ts";

export const foreignAccount: DocumentRule = {
  id: "foreign-account",
  severity: "medium",
  title: "Another account is admitted without a condition",
  kinds: ["trust", "resource"],
  check: ({ grants, document, context }) => {
    const { kind, service, trustedAccounts = [] } = context;
    const known = ownAccountOf(document, context);
    const first = grants.flatMap(({ statement }) => principalsOf(statement).flatMap((value) => accountOf(value) ?? []));
    // If the stack's own account isn't known, the first account counts as its own: of two, at least one is foreign.
    const own = known ?? first[0];
    return grants.flatMap((grant) => {
      const { statement } = grant;
      const named = principalsOf(statement);
      const others = named.filter((value) => {
        const owner = accountOf(value);
        return owner !== undefined && ![...trustedAccounts, ...LOG_DELIVERY].includes(owner);
      });
      const foreign = others.filter((value) => accountOf(value) !== own);
      // A whole account that may or may not be the stack's own.
      const unknown = known === undefined && kind === "resource" && service !== "kms" ? others : [];
      const suspects = foreign.length > 0 ? foreign : unknown;
      const isOpen =
        kind === "trust"
          ? !limits(statement, TRUST_BINDS)
          : (suspects.some(isWholeAccount) && isOpenToAccount(grant)) ||
            (foreign.length > 0 && changesPermissions(grant));
      if (suspects.length === 0 || !isOpen) return [];
      const names = suspects.join(", ");
      const verb = suspects.length === 1 ? "belongs" : "belong";
      return [
        {
          statement,
          message:
            kind === "trust"
              ? `${names} ${verb} to another account, which can be tricked into acting for someone else`
              : foreign.length > 0 && !foreign.some(isWholeAccount)
                ? `${names} ${verb} to another account and can change who else is admitted`
                : foreign.length > 0
                  ? `${names} ${verb} to another account: everyone there whose policies allow it can do this`
                  : `${names} is a whole account: everyone there whose policies allow it can do this. If it is your own, set "account" to it in the settings`,
          fix:
            kind === "trust"
              ? { Condition: { StringEquals: { "sts:ExternalId": "SHARED_VALUE" } } }
              : { Principal: { AWS: named.map((value) => (suspects.includes(value) ? roleIn(value) : value)) } },
        },
      ];
    });
  },
};

function principalsOf({ principal }: Statement): string[] {
  if (principal === undefined || principal.negated) return [];
  return principal.principals.filter(({ kind }) => kind === "AWS").map(({ value }) => value);
}

function isOpenToAccount({ statement, actions }: Grant): boolean {
  const writes = actions.some(({ name, level }) => level !== "read" && level !== "list" && !MEANT_FOR_OTHERS.has(name));
  return writes && !limits(statement, RESOURCE_BINDS);
}

/** Whether a grant lets its principals admit others. */
function changesPermissions({ statement, actions }: Grant): boolean {
  return actions.some(({ name }) => ADMITS_OTHERS.test(name)) && !limits(statement, RESOURCE_BINDS);
}

const ADMITS_OTHERS =
  /^(?!iam:)\w[\w-]*:((Put|Set|Update)\w*Policy|PutPermissionPolicy|AddPermission|PutBucketAcl|CreateGrant|PutKeyPolicy)$/;

function roleIn(principal: string): string {
  return `arn:aws:iam::${accountOf(principal)}:role/NAME`;
}

const TRUST_BINDS =
  /^(sts:externalid|aws:principal(orgid|orgpaths|arn|tag\/.+)|aws:source(arn|account|ip|vpc|vpce|identity)|aws:multifactorauthpresent)$/;
const RESOURCE_BINDS =
  /^(aws:principal(arn|tag\/.+|orgid|orgpaths)|aws:source(vpc|vpce|arn|ip)|kms:(viaservice|grantisforawsresource|calleraccount)|s3:.*)$/;

/** Actions that are meant for other accounts. */
const MEANT_FOR_OTHERS = new Set(["events:PutEvents", "sns:Subscribe", "sns:Receive"]);

/**
 * Elastic Load Balancing's own accounts, which write access logs in the older Regions.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
 */
const LOG_DELIVERY = `127311923021 033677994240 027434742980 797873946194 098369216593 754344448648 589379963580
  718504428378 383597477331 600734575887 114774131450 783225319266 582318560864 985666609251 054676820928 156460612806
  652711504416 635631232127 009996457667 897822967062 076674570225 507241528517 190560391635 048591011584 638102146993
  037604701340`.split(/\s+/);
