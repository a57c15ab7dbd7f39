/** The rules as policies of Pulumi's: each has its own id, level and exceptions. */
import type { EnforcementLevel, Policies, ResourceValidationPolicy, StackValidationPolicy } from "@pulumi/policy";
import type { Catalog } from "@serverless-chat/iam";
import { MALFORMED } from "../checkDocument.ts";
import type { Severity } from "../finding.ts";
import { hasUnknown } from "../resources/unknown.ts";
import { DOCUMENT_RULES } from "../rules/document/index.ts";
import { RESOURCE_RULES } from "../rules/resource/index.ts";
import { combinedEscalations } from "../rules/stack/combinedEscalations.ts";
import { STACK_RULES } from "../rules/stack/index.ts";
import { CONFIG_SCHEMA, configOf, contextOf } from "./config.ts";
import { afterExceptions, expiredUnused } from "./exceptions.ts";
import { formatFinding } from "./formatFinding.ts";
import { ReadAhead } from "./readAhead.ts";
import { ResourceChecker } from "./resourceChecker.ts";
import { toResource, toStackResource } from "./toStackResource.ts";

/** What is wrong with how a document is written hurts nobody by itself. */
const LEVELS: Record<Severity, EnforcementLevel> = { high: "mandatory", medium: "mandatory", low: "advisory" };

export function policiesOf(catalog: Catalog, codeReader: URL): Policies {
  const examined = new ResourceChecker(catalog);
  const ahead = new ReadAhead(codeReader);
  const byDocument = [
    ...DOCUMENT_RULES,
    { id: MALFORMED, severity: "high" as const, title: "A document is not one that IAM would take" },
    ...RESOURCE_RULES,
  ].map((rule) => resourcePolicy(rule, examined, ahead));
  return [
    ...byDocument,
    unknownDocument(examined),
    ...STACK_RULES.map((rule) => stackPolicy(rule, rule.id, catalog, examined, ahead)),
    stackPolicy(combinedEscalations, `${combinedEscalations.id}-over-documents`, catalog, examined, ahead),
  ];
}

interface Described {
  id: string;
  severity: Severity;
  title: string;
}

function resourcePolicy(
  { id, severity, title }: Described,
  examined: ResourceChecker,
  ahead: ReadAhead,
): ResourceValidationPolicy {
  return {
    name: id,
    description: title,
    enforcementLevel: LEVELS[severity],
    severity,
    configSchema: CONFIG_SCHEMA,
    validateResource(args, report) {
      ahead.begin(args);
      const config = configOf(args, id);
      const resource = toResource(args);
      const { findings, unknown, kinds } = examined.of(resource, contextOf(config, [resource]));
      const messages = findings.filter(({ rule }) => rule === id).map(formatFinding);
      // Of what has no documents, and of what is not known yet, an exception says nothing.
      const isMended = messages.length === 0 && unknown.length === 0 && kinds.size > 0;
      const { exceptions } = config;
      const now = new Date();
      const ended = isMended ? expiredUnused(exceptions, [resource], now).map(({ message }) => message) : [];
      for (const message of [...afterExceptions(messages, resource, exceptions, now), ...ended]) report(message);
    },
  };
}

function stackPolicy(
  { severity, title, check }: (typeof STACK_RULES)[number],
  name: string,
  catalog: Catalog,
  examined: ResourceChecker,
  ahead: ReadAhead,
): StackValidationPolicy {
  return {
    name,
    description: title,
    enforcementLevel: LEVELS[severity],
    severity,
    configSchema: CONFIG_SCHEMA,
    async validateStack(args, report) {
      const config = configOf(args, name);
      const resources = (await Promise.all(args.resources.map(toStackResource))).map((one) => examined.withInputs(one));
      await ahead.done();
      const problems = check(resources, contextOf(config, resources), catalog);
      const found = new Set(problems.map(({ resource }) => resource));
      for (const resource of found) {
        const own = problems.filter((problem) => problem.resource === resource);
        const messages = own.map((problem) => formatFinding({ rule: name, severity, ...problem }));
        for (const message of afterExceptions(messages, resource, config.exceptions, new Date()))
          report(message, resource.urn);
      }
      // While something is unknown, nothing that is not found has been mended for certain.
      if (resources.some(({ props }) => hasUnknown(props))) return;
      const foundNames = new Set([...found].map((resource) => resource.name));
      const mended = resources.filter((resource) => !foundNames.has(resource.name));
      for (const { resource, message } of expiredUnused(config.exceptions, mended, new Date()))
        report(message, resource.urn);
    },
  };
}

/** Nobody's preview is stopped for what cannot be known yet, and nothing of it passes unseen. */
function unknownDocument(examined: ResourceChecker): ResourceValidationPolicy {
  return {
    name: "unknown-document",
    description: "A document cannot be examined before the update",
    enforcementLevel: "advisory",
    configSchema: CONFIG_SCHEMA,
    validateResource(args, report) {
      const config = configOf(args, "unknown-document");
      const resource = toResource(args);
      const messages = examined
        .of(resource, contextOf(config, [resource]))
        .unknown.map(
          ({ path }) => `${path} is not known before the update, and is examined then, before the resource is made`,
        );
      for (const message of afterExceptions(messages, resource, config.exceptions, new Date())) report(message);
    },
  };
}
