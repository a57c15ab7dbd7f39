/**
 * SARIF 2.1.0, which code scanning services read.
 * https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 */
import { referenceTo } from "../pack/formatFinding.ts";
import { RULES } from "../rules.ts";
import type { TriagedFinding } from "../triage.ts";

const LEVELS = { stops: "error", advises: "warning", baseline: "note", excepted: "note" } as const;

export function sarifReport(findings: TriagedFinding[]): object {
  const used = RULES.filter(({ id }) => findings.some(({ rule }) => rule === id));
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: "serverless-chat-policy",
            rules: used.map(({ id, title, severity }) => ({
              id,
              shortDescription: { text: title },
              properties: { severity },
            })),
          },
        },
        results: findings.map((finding) => resultOf(finding, used.map(({ id }) => id).indexOf(finding.rule))),
      },
    ],
  };
}

function resultOf(finding: TriagedFinding, ruleIndex: number): object {
  const { rule, message, fix, hash, resource, path, statement, outcome, exception, since } = finding;
  const where = [statement === undefined ? undefined : referenceTo(statement), path].filter(Boolean).join(" of ");
  return {
    ruleId: rule,
    ruleIndex,
    level: LEVELS[outcome],
    message: { text: where === "" ? message : `${where}: ${message}` },
    locations: [
      {
        // A document in a file has the file's path as its name.
        ...(resource.type === "file"
          ? { physicalLocation: { artifactLocation: { uri: encodeURI(resource.name) } } }
          : {}),
        logicalLocations: [{ name: resource.name, fullyQualifiedName: resource.urn, kind: "resource" }],
      },
    ],
    partialFingerprints: { "statementHash/v1": `${rule}:${resource.type}::${resource.name}:${hash}` },
    ...(since === undefined ? {} : { baselineState: "unchanged" }),
    ...(outcome === "excepted"
      ? { suppressions: [{ kind: "external", status: "accepted", justification: exception?.reason ?? "" }] }
      : {}),
    properties: { fix },
  };
}
