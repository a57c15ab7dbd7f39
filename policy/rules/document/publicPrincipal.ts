import type { Statement } from "@serverless-chat/iam";
import { limits } from "../../document/conditions.ts";
import { isBound } from "../../document/principals.ts";
import type { DocumentContext } from "../../document/subject.ts";
import type { Problem } from "../../finding.ts";
import type { DocumentRule } from "../rule.ts";

export const publicPrincipal: DocumentRule = {
  id: "public-principal",
  severity: "high",
  title: "Anybody is let in",
  kinds: ["trust", "resource"],
  check: ({ grants, document, context }) =>
    grants.flatMap(({ statement }): Problem[] => {
      if (statement.principal === undefined || statement.principal.negated) return [];
      const everybody = statement.principal.principals.find(
        ({ kind, value }) => kind !== "Federated" && isAnybody(value),
      );
      if (everybody !== undefined && !isBound(statement, document)) {
        return [
          {
            statement,
            message: "everybody is let in, strangers without an AWS account among them, and no condition says who",
            fix: { Principal: { AWS: `arn:aws:iam::${context.account ?? "ACCOUNT"}:role/NAME` } },
          },
        ];
      }
      return statement.principal.principals
        .filter(({ kind }) => kind === "Federated")
        .flatMap(({ value }) => unboundFederation(statement, value, context));
    }),
};

function isAnybody(principal: string): boolean {
  return /^\?*\*[*?]*$/.test(principal) || /^arn:[^:]*:iam::\*/.test(principal);
}

/** Providers that everybody can have tokens of: there the subject has to be bound, not the audience only. */
const SHARED =
  /token\.actions\.githubusercontent\.com|gitlab\.com|app\.terraform\.io|oidc\.circleci\.com|bitbucket\.org|oidc\.eks\.|agent\.buildkite\.com|oidc\.vercel\.com|api\.pulumi\.com\/oidc/;

function unboundFederation(statement: Statement, provider: string, { kind }: DocumentContext): Problem[] {
  if (kind !== "trust") return [];
  if (isAnybody(provider)) {
    const fix = "name the provider by its ARN, and bind the subject of its tokens";
    return [{ statement, message: "whoever has a token of any provider is let in", fix }];
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
      message: `whoever has a token of ${name} is let in: no condition binds ${problem}`,
      fix: { Condition: { StringEquals: { [problem]: "VALUE" } } },
    },
  ];
}

/** The claim that a condition has to bind and does not. */
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
  // Every pool of every account has its tokens from there.
  if (provider === "cognito-identity.amazonaws.com") {
    return limits(statement, /^cognito-identity\.amazonaws\.com:(aud|sub)$/) ? undefined : `${provider}:aud`;
  }
  const audience = new RegExp(`^${provider.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&")}:(aud|azp|oaud|app_id|sub|amr)$`);
  return limits(statement, audience) ? undefined : `${provider}:aud`;
}

/** A subject whose owner is open is anybody's: `repo:*`, and `repo:octo*`, which `octopus` has, too. */
function isSpecific(subject: string): boolean {
  const [, owner = subject] = /^(?:repo|project_path|organization|system:serviceaccount):([^/:]*)/.exec(subject) ?? [];
  return !/[*?]/.test(owner) || (owner === subject && !/^[*?]/.test(subject));
}
