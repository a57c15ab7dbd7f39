/** Turns the rules into Pulumi policies. */
import { writeFileSync } from "node:fs";
import type {
  Policies,
  PolicyResource,
  ReportViolation,
  ResourceValidationArgs,
  ResourceValidationPolicy,
  StackValidationPolicy,
} from "@pulumi/policy";
import type { Catalog } from "@serverless-chat/iam";
import { fixedEntries } from "../baseline.ts";
import { type CheckedResource, checkStack } from "../checkStack.ts";
import { unreadCode } from "../code/functionCode.ts";
import { describeException, type Exception } from "../exceptions.ts";
import { exceptionIn } from "../exceptionsInCode.ts";
import type { ResourceFinding } from "../finding.ts";
import { finalTexts } from "../fixes/finalTexts.ts";
import { StackArns } from "../fixes/stackArns.ts";
import { reportAs } from "../reports/report.ts";
import type { StackResource } from "../resources/resource.ts";
import { FUNCTION } from "../resources/roles.ts";
import { hasUnknown } from "../resources/unknown.ts";
import { RULES, type RuleDescription } from "../rules.ts";
import { checkSettings, levelOf, type Settings, UNKNOWN_DOCUMENT } from "../settings.ts";
import { staleExceptions, type TriagedFinding, triage } from "../triage.ts";
import { CONFIG_SCHEMA, contextOf, SETTINGS_POLICY, settingsOf } from "./config.ts";
import { type FinalText, formatFinding, type LinkTo } from "./formatFinding.ts";
import { ReadAhead } from "./readAhead.ts";
import { ResourceChecker } from "./resourceChecker.ts";
import { summaryLine } from "./summaryLine.ts";
import { toResource, toStackResource } from "./toStackResource.ts";

type Rule = ResourceValidationPolicy & StackValidationPolicy;

/**
 * One policy per rule, and four more: `settings` comes first and has the configuration of all, `unknown-document` and
 * `unread-code` report what can't be checked, and `summary` comes last and counts the findings.
 *
 * @param codeReader URL of the built codeReader.ts
 * @param linkTo returns the link to the page about a rule
 */
export function policiesOf(catalog: Catalog, codeReader: URL, linkTo: LinkTo): Policies {
  const pack = new Pack(catalog, codeReader, linkTo);
  return [
    pack.settingsPolicy(),
    ...RULES.map((rule) => pack.rulePolicy(rule)),
    pack.unknownDocument(),
    pack.unreadCode(),
    pack.summary(),
  ];
}

class Pack {
  readonly #catalog: Catalog;
  readonly #checker: ResourceChecker;
  readonly #ahead: ReadAhead;
  readonly #linkTo: LinkTo;
  #settings: Settings = {};
  /** Exceptions that the program has registered, by URN. */
  readonly #inCode = new Map<string, Exception>();
  /** The first resource that names the account of the stack. */
  #located: StackResource | undefined;
  /** ARNs of the resources that the engine has passed so far. */
  readonly #arns = new StackArns();
  /** The rule whose finding shows a document's final text, by URN and path. */
  readonly #textShown = new Map<string, string>();
  /** The result of checking each resource on its own, by URN. */
  readonly #checked = new Map<string, CheckedResource>();
  /** The stack that was checked last and its findings, cached because each rule needs them. */
  #stack: { key: string; resources: StackResource[]; findings: ResourceFinding[] } | undefined;

  constructor(catalog: Catalog, codeReader: URL, linkTo: LinkTo) {
    this.#catalog = catalog;
    this.#checker = new ResourceChecker(catalog);
    this.#ahead = new ReadAhead(codeReader);
    this.#linkTo = linkTo;
  }

  settingsPolicy(): Rule {
    const ruleIds = RULES.map(({ id }) => id);
    const read = (args: { getConfig<T extends object>(): T }) => {
      this.#settings = settingsOf(args, ruleIds);
    };
    return {
      name: SETTINGS_POLICY,
      description: "Settings of the whole pack. Reports nothing",
      enforcementLevel: "advisory",
      configSchema: CONFIG_SCHEMA,
      validateResource: (args) => {
        read(args);
        const exception = exceptionIn(toResource(args));
        if (exception !== undefined) {
          checkSettings({ exceptions: [exception] }, ruleIds);
          this.#inCode.set(args.urn, exception);
        }
        this.#ahead.begin(args);
        // The engine asks every policy about a resource before the next resource, so the other policies reuse this.
        this.#checked.set(args.urn, this.#check(args));
      },
      validateStack: (args) => {
        read(args);
      },
    };
  }

  rulePolicy({ id, severity, title }: RuleDescription): Rule {
    return {
      name: id,
      description: title,
      enforcementLevel: levelOf({ rule: id, severity }, {}),
      severity,
      validateResource: (args, report) => {
        const { findings } = this.#resultFor(args);
        this.#report(
          findings.filter(({ rule }) => rule === id),
          id,
          report,
        );
      },
      validateStack: async (args, report) => {
        const { findings } = await this.#checkStack(args.resources);
        this.#report(
          findings.filter(({ rule }) => rule === id),
          id,
          report,
        );
      },
    };
  }

  /** Reports documents that a preview can't check, without stopping it. */
  unknownDocument(): ResourceValidationPolicy {
    return {
      name: UNKNOWN_DOCUMENT,
      description: "A document can't be checked before the update",
      enforcementLevel: "advisory",
      validateResource: (args, report) => {
        for (const { path } of this.#resultFor(args).unknown)
          report(`${path} isn't known before the update. It is checked then, before the resource is created`);
      },
    };
  }

  /** Reports functions whose code can't be compared with their role, without stopping the preview. */
  unreadCode(): StackValidationPolicy {
    return {
      name: "unread-code",
      description: "A function's code can't be compared with its role",
      enforcementLevel: "advisory",
      validateStack: async (args, report) => {
        const { resources } = await this.#checkStack(args.resources);
        for (const { type, urn, props } of resources) {
          const reason = type === FUNCTION ? unreadCode(props) : undefined;
          if (reason !== undefined) report(`the code isn't compared with what the role allows: ${reason}`, urn);
        }
      },
    };
  }

  summary(): StackValidationPolicy {
    return {
      name: "summary",
      description: "What the pack found in the stack",
      enforcementLevel: "advisory",
      validateStack: async (args, report) => {
        const { resources, findings } = await this.#checkStack(args.resources);
        const context = contextOf(this.#settings, resources);
        const all = [...[...this.#checked.values()].flatMap((one) => one.findings), ...findings];
        const settings = this.#settingsWithCode();
        const triaged = triage(all, settings, new Date());
        const line = summaryLine(triaged);
        if (line !== undefined) report(line);
        for (const { resource, path, text, isByCode } of finalTexts(triaged, resources, context, this.#catalog))
          if (isByCode)
            report(`paste for ${path}, narrowed to what the code calls: ${JSON.stringify(text)}`, resource.urn);
        // While a value is unknown, nothing counts as outdated: the value may still cause the accepted finding.
        if (!resources.some(({ props }) => hasUnknown(props))) {
          for (const exception of staleExceptions(all, resources, settings))
            report(`${describeException(exception)} covers nothing: remove it`);
          const fixed = fixedEntries(all, this.#settings.baseline ?? []);
          if (fixed.length > 0) report(`${fixed.length} findings of the baseline are fixed: record the baseline again`);
        }
        for (const [format, path] of Object.entries(this.#settings.reports ?? {}))
          writeFileSync(path, reportAs(format as "json" | "sarif" | "junit", triaged));
      },
    };
  }

  /** The result for a resource. Checks it here if the settings policy, which usually does so, is disabled. */
  #resultFor(args: ResourceValidationArgs): CheckedResource {
    const result = this.#checked.get(args.urn) ?? this.#check(args);
    this.#checked.set(args.urn, result);
    return result;
  }

  #check(args: ResourceValidationArgs): CheckedResource {
    const resource = toResource(args);
    if (this.#located === undefined && contextOf({}, [resource]).account !== undefined) this.#located = resource;
    const context = contextOf(this.#settings, this.#located === undefined ? [] : [this.#located]);
    this.#arns.add(resource, context);
    return this.#checker.check(resource, context);
  }

  async #checkStack(given: PolicyResource[]) {
    const key = given.map(({ urn }) => urn).join();
    if (this.#stack?.key === key) return this.#stack;
    const resources = (await Promise.all(given.map(toStackResource))).map((one) => this.#checker.withInputs(one));
    await this.#ahead.done();
    const findings = checkStack(resources, contextOf(this.#settings, resources), this.#catalog);
    this.#stack = { key, resources, findings };
    return this.#stack;
  }

  #settingsWithCode(): Settings {
    const { exceptions = [] } = this.#settings;
    return { ...this.#settings, exceptions: [...exceptions, ...this.#inCode.values()] };
  }

  /**
   * For the first finding of a document that stops the preview, returns the document's final text. For later findings
   * of the same document, returns the rule of that first one, which has the text.
   */
  #finalTextFor({ finalText, outcome, rule, resource, path }: TriagedFinding): FinalText | undefined {
    if (finalText === undefined || outcome !== "stops") return undefined;
    const key = `${resource.urn} ${path}`;
    const shown = this.#textShown.get(key);
    if (shown !== undefined) return shown;
    const text = finalText({ stackArns: this.#arns });
    if (text !== undefined) this.#textShown.set(key, rule);
    return text;
  }

  #report(findings: ResourceFinding[], rule: string, report: ReportViolation): void {
    for (const finding of triage(findings, this.#settingsWithCode(), new Date())) {
      if (finding.outcome === "excepted") continue;
      const { severity } = RULES.find(({ id }) => id === rule) as RuleDescription;
      const message = formatFinding(finding, this.#linkTo, this.#finalTextFor(finding));
      const enforcementLevel = finding.outcome === "stops" ? "mandatory" : "advisory";
      // A violation can have its own level, which the types lack. The level would override the engine's configuration,
      // so it is passed only if it differs from the policy's level.
      const isDefault = enforcementLevel === levelOf({ rule, severity }, {});
      (report as unknown as (violation: object) => void)({
        message,
        urn: finding.resource.urn,
        severity: finding.severity,
        ...(isDefault ? {} : { enforcementLevel }),
      });
    }
  }
}
