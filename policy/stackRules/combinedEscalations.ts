import { type Catalogue, PolicySyntaxError, parsePolicy } from "@serverless-chat/iam";
import { subjectOf } from "../analysis/subject.ts";
import { privilegeEscalation } from "../rules/privilegeEscalation.ts";
import { documentsAt } from "./granted.ts";
import { ROLE } from "./roles.ts";
import type { StackRule } from "./rule.ts";

/** Ways to more rights whose steps stand in different documents of one role. */
export const combinedEscalations: StackRule = {
  id: privilegeEscalation.id,
  severity: privilegeEscalation.severity,
  title: privilegeEscalation.title,
  examine: (resources, _, catalogue) =>
    resources
      .filter(({ type }) => type === ROLE)
      .flatMap((role) => {
        const documents = documentsAt(role, resources);
        if (documents.length < 2) return [];
        const alone = new Set(
          documents.flatMap((document) => escalationsOf([document], catalogue).map(({ message }) => message)),
        );
        return escalationsOf(documents, catalogue)
          .filter(({ message }) => !alone.has(message))
          .map(({ message, fix }) => ({ resource: role, message: `over several documents, ${message}`, fix }));
      }),
};

function escalationsOf(documents: unknown[], catalogue: Catalogue) {
  try {
    const statements = documents.flatMap((document) => parsePolicy(document).statements);
    const subject = subjectOf({ version: "2012-10-17", statements }, { kind: "identity" }, catalogue);
    return privilegeEscalation.examine(subject);
  } catch (error) {
    // A document that IAM would not take is another rule's business.
    if (error instanceof PolicySyntaxError) return [];
    throw error;
  }
}
