import { type Catalog, PolicySyntaxError, parsePolicy } from "@serverless-chat/iam";
import { subjectOf } from "../../document/subject.ts";
import { documentsAt } from "../../resources/roleGrants.ts";
import { ROLE } from "../../resources/roles.ts";
import { privilegeEscalation } from "../document/privilegeEscalation.ts";
import type { StackRule } from "../rule.ts";

/** Finds escalations whose steps are in different documents of one role. */
export const combinedEscalations: StackRule = {
  id: "privilege-escalation-over-documents",
  severity: privilegeEscalation.severity,
  title: "The holder of several documents can give itself more permissions",
  check: (resources, _, catalog) =>
    resources
      .filter(({ type }) => type === ROLE)
      .flatMap((role) => {
        const documents = documentsAt(role, resources);
        if (documents.length < 2) return [];
        const alone = new Set(
          documents.flatMap((document) => escalationsOf([document], catalog).map(({ message }) => message)),
        );
        return escalationsOf(documents, catalog)
          .filter(({ message }) => !alone.has(message))
          .map(({ message, fix }) => ({ resource: role, message: `across several documents: ${message}`, fix }));
      }),
};

function escalationsOf(documents: unknown[], catalog: Catalog) {
  try {
    const statements = documents.flatMap((document) => parsePolicy(document).statements);
    const subject = subjectOf({ version: "2012-10-17", statements }, { kind: "identity" }, catalog);
    return privilegeEscalation.check(subject);
  } catch (error) {
    // Another rule reports a document that IAM would reject.
    if (error instanceof PolicySyntaxError) return [];
    throw error;
  }
}
