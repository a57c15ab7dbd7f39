/** The rules as policies of Pulumi's: each has its own id, level and exceptions. */
import type {
  EnforcementLevel,
  Policies,
  ReportViolation,
  ResourceValidationPolicy,
  StackValidationPolicy,
} from "@pulumi/policy";
import type { Catalogue } from "@serverless-chat/iam";
import { MALFORMED } from "../analysis/analyze.ts";
import type { Severity } from "../analysis/finding.ts";
import { RESOURCE_RULES } from "../resourceRules/index.ts";
import { homeOf } from "../resources/home.ts";
import type { StackContext, StackResource } from "../resources/resource.ts";
import { RULES } from "../rules/index.ts";
import { combinedEscalations } from "../stackRules/combinedEscalations.ts";
import { STACK_RULES } from "../stackRules/index.ts";
import { Examiner } from "./examiner.ts";
import { EXCEPTIONS_SCHEMA, type Exception, exceptionFor } from "./exceptions.ts";
import { resourceOf, stackResourceOf } from "./plain.ts";
import { told } from "./told.ts";

/** What is wrong with how a document is written hurts nobody by itself. */
const LEVELS: Record<Severity, EnforcementLevel> = { high: "mandatory", medium: "mandatory", low: "advisory" };

interface Config {
  exceptions?: Exception[];
  account?: string;
  permissionsBoundary?: string;
}

const CONFIG_SCHEMA = {
  properties: { ...EXCEPTIONS_SCHEMA, account: { type: "string", pattern: "^\\d{12}$" } as const },
};

export function policiesOf(catalogue: Catalogue): Policies {
  const examined = new Examiner(catalogue);
  const byDocument = [
    ...RULES,
    { id: MALFORMED, severity: "high" as const, title: "A document is not one that IAM would take" },
    ...RESOURCE_RULES,
  ].map((rule) => resourcePolicy(rule, examined));
  return [
    ...byDocument,
    unknownDocument(examined),
    ...STACK_RULES.map((rule) => stackPolicy(rule, rule.id, catalogue)),
    stackPolicy(combinedEscalations, `${combinedEscalations.id}-over-documents`, catalogue),
  ];
}

interface Described {
  id: string;
  severity: Severity;
  title: string;
}

function resourcePolicy({ id, severity, title }: Described, examined: Examiner): ResourceValidationPolicy {
  return {
    name: id,
    description: title,
    enforcementLevel: LEVELS[severity],
    severity,
    configSchema: CONFIG_SCHEMA,
    validateResource(args, report) {
      const config = args.getConfig<Config>();
      const resource = resourceOf(args);
      const findings = examined.of(resource, contextOf(config, [resource])).findings.filter(({ rule }) => rule === id);
      reportAll(findings.map(told), resource, config, report);
    },
  };
}

function stackPolicy(
  { severity, title, examine }: (typeof STACK_RULES)[number],
  name: string,
  catalogue: Catalogue,
): StackValidationPolicy {
  return {
    name,
    description: title,
    enforcementLevel: LEVELS[severity],
    severity,
    configSchema: {
      properties: { ...CONFIG_SCHEMA.properties, permissionsBoundary: { type: "string", pattern: "^arn:" } },
    },
    async validateStack(args, report) {
      const config = args.getConfig<Config>();
      const resources = await Promise.all(args.resources.map(stackResourceOf));
      const problems = examine(resources, contextOf(config, resources), catalogue);
      for (const resource of new Set(problems.map((problem) => problem.resource))) {
        const own = problems.filter((problem) => problem.resource === resource);
        reportAll(
          own.map((problem) => told({ rule: name, severity, ...problem })),
          resource,
          config,
          report,
        );
      }
    },
  };
}

/** Nobody's preview is stopped for what cannot be known yet, and nothing of it passes unseen. */
function unknownDocument(examined: Examiner): ResourceValidationPolicy {
  return {
    name: "unknown-document",
    description: "A document cannot be examined before the update",
    enforcementLevel: "advisory",
    validateResource(args, report) {
      const resource = resourceOf(args);
      for (const { path } of examined.of(resource, contextOf({}, [resource])).unknown) {
        report(`${path} is not known before the update, and is examined then, before the resource is made`);
      }
    },
  };
}

function contextOf({ account, permissionsBoundary }: Config, resources: StackResource[]): StackContext {
  return {
    ...homeOf(resources),
    ...(account === undefined ? {} : { account }),
    ...(permissionsBoundary === undefined ? {} : { permissionsBoundary }),
  };
}

function reportAll(messages: string[], resource: StackResource, { exceptions }: Config, report: ReportViolation): void {
  const excepted = exceptionFor(resource, exceptions, new Date());
  if (excepted?.hasExpired) {
    const { reason, until } = excepted.exception;
    report(
      `the exception for ${resource.name} (${reason}) ended on ${until}: mend it, or say until when it goes on`,
      resource.urn,
    );
  }
  if (excepted !== undefined && !excepted.hasExpired) return;
  for (const message of messages) report(message, resource.urn);
}
