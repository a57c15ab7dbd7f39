import type { Statement } from "@serverless-chat/iam";
import { limits } from "../../document/conditions.ts";
import { isBound } from "../../document/principals.ts";
import type { DocumentContext } from "../../document/subject.ts";
import type { Problem } from "../../finding.ts";
import type { DocumentRule } from "../rule.ts";

export const publicPrincipal: DocumentRule = {
  id: "public-principal",
  severity: "high",
  title: "Anyone is admitted",
  kinds: ["trust", "resource"],
  check: ({ grants, document, context }) =>
    grants.flatMap(({ statement }): Problem[] => {
      if (statement.principal === undefined || statement.principal.negated) return [];
      const everybody = statement.principal.principals.find(
        ({ kind, value }) => kind !== "Federated" && isAnybody(value),
      );
      const stranger = otherOrganization(statement, context);
      if (everybody !== undefined && stranger !== undefined) {
        return [
          {
            statement,
            message: `everyone in ${stranger}, which isn't your organization, is admitted`,
            fix: { Condition: { StringEquals: { "aws:PrincipalOrgID": context.organizationId } } },
          },
        ];
      }
      if (everybody !== undefined && !isBound(statement, document)) {
        return [
          {
            statement,
            message:
              "everyone is admitted, including callers without an AWS account, and no condition identifies the caller",
            fix: { Principal: { AWS: `arn:aws:iam::${context.account ?? "ACCOUNT"}:role/NAME` } },
          },
        ];
      }
      return statement.principal.principals
        .filter(({ kind }) => kind === "Federated")
        .flatMap(({ value }) => unboundFederation(statement, value, context));
    }),
};

/** An organization other than the configured one, if it is the only limit on the callers. */
function otherOrganization({ conditions }: Statement, { organizationId }: DocumentContext): string | undefined {
  const [condition, ...others] = conditions;
  if (organizationId === undefined || others.length > 0 || condition?.key.toLowerCase() !== "aws:principalorgid")
    return undefined;
  return condition.values.find((value) => value !== organizationId);
}

/** Whether a principal pattern matches everyone. */
function isAnybody(principal: string): boolean {
  return /^\?*\*[*?]*$/.test(principal) || /^arn:[^:]*:iam::\*/.test(principal);
}

/** Providers that issue tokens to anyone. So a condition on the audience isn't enough without one on the subject. */
const SHARED =
  /token\.actions\.githubusercontent\.com|gitlab\.com|app\.terraform\.io|oidc\.circleci\.com|bitbucket\.org|oidc\.eks\.|agent\.buildkite\.com|oidc\.vercel\.com|api\.pulumi\.com\/oidc/;

function unboundFederation(statement: Statement, provider: string, { kind }: DocumentContext): Problem[] {
  if (kind !== "trust") return [];
  if (isAnybody(provider)) {
    const fix = "name the provider by its ARN, and add a condition on the subject of its tokens";
    return [{ statement, message: "anyone with a token of any provider is admitted", fix }];
  }
  const name = provider.replace(/^.*:(oidc|saml)-provider\//, "");
  const isSaml = /:saml-provider\//.test(provider);
  const problem = isSaml
    ? limits(statement, /^saml:/)
      ? undefined
      : "SAML:aud"
    : missingClaim(statement, name.toLowerCase());
  if (problem === undefined) return [];
  return [
    {
      statement,
      message: `anyone with a token of ${name} is admitted, since no condition limits ${problem}`,
      fix: { Condition: { StringEquals: { [problem]: "VALUE" } } },
    },
  ];
}

/** The claim that lacks a condition. */
function missingClaim(statement: Statement, provider: string): string | undefined {
  const claims = (pattern: RegExp) =>
    statement.conditions.filter(
      ({ key }) =>
        key.toLowerCase().startsWith(`${provider}:`) && pattern.test(key.toLowerCase().slice(provider.length + 1)),
    );
  if (SHARED.test(provider)) {
    const subject = claims(
      /^(sub|repository|repository_owner|repository_id|repository_owner_id|job_workflow_ref|organization_id|project_path|namespace_path|namespace_id|project_id|environment)$/,
    );
    const binds = subject.some(
      (condition) =>
        !/^(forallvalues|.*not|null)|ifexists$/i.test(condition.operator) && condition.values.every(isSpecific),
    );
    return binds ? undefined : `${provider}:sub`;
  }
  // This provider issues the tokens of every identity pool in every account.
  if (provider === "cognito-identity.amazonaws.com") {
    return limits(statement, /^cognito-identity\.amazonaws\.com:(aud|sub)$/) ? undefined : `${provider}:aud`;
  }
  const audience = new RegExp(`^${provider.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&")}:(aud|azp|oaud|app_id|sub|amr)$`);
  return limits(statement, audience) ? undefined : `${provider}:aud`;
}

/** Whether a subject names its owner in full, unlike `repo:octo*`, which also matches `repo:octopus/…`. */
function isSpecific(subject: string): boolean {
  const [, owner = subject] = /^(?:repo|project_path|organization|system:serviceaccount):([^/:]*)/.exec(subject) ?? [];
  return !/[*?]/.test(owner) || (owner === subject && !/^[*?]/.test(subject));
}
