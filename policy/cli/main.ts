#!/usr/bin/env node
/** `serverless-chat-policy`: checks documents, templates and exported stacks without Pulumi. */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Catalog } from "@serverless-chat/iam";
import { fixedEntries, recordBaseline } from "../baseline.ts";
import type { DocumentKind } from "../document/subject.ts";
import { exceptionIn } from "../exceptionsInCode.ts";
import { finalTexts } from "../fixes/finalTexts.ts";
import { contextOf } from "../pack/config.ts";
import { type ReportFormat, reportAs } from "../reports/report.ts";
import type { Settings } from "../settings.ts";
import { triage } from "../triage.ts";
import { checkInputs } from "./checkInputs.ts";
import { readInputs } from "./input.ts";
import { InputError } from "./inputError.ts";
import { printFiles, printFindings, printTexts } from "./print.ts";
import { accountIn, type Config, readConfig } from "./readConfig.ts";
import { writeText } from "./writeText.ts";

const KINDS = ["identity", "trust", "resource", "boundary"];

const HELP = `Checks IAM policy documents, CloudFormation templates and Pulumi stacks for least privilege.

  serverless-chat-policy check [options] PATH…      check files and folders; - is standard input
  serverless-chat-policy baseline [options] PATH…   record the current findings in the file of --config

A PATH is a policy document, a template, the output of "pulumi stack export", or a folder of these.

  --config FILE     Pulumi policy configuration with a "settings" entry (default: none)
  --kind KIND       what documents are for: identity, trust, resource or boundary (default: guessed from their content)
  --service NAME    service that a resource policy belongs to, such as s3
  --account ID      your own account, 12 digits
  --json FILE       also write the findings as JSON
  --sarif FILE      also write them as SARIF 2.1.0
  --junit FILE      also write them as JUnit XML
  --quiet           print only findings that stop the preview
  --help            print this

Exit code: 0 if no finding stops the preview, 1 if one does, 2 if the input or an option is invalid.
`;

try {
  process.exitCode = main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof InputError)) throw error;
  console.error(`serverless-chat-policy: ${error.message}`);
  process.exitCode = 2;
}

function main(args: string[]): number {
  const { values, positionals } = parseOptions(args);
  const [command, ...paths] = positionals;
  if (values.help || command === undefined) {
    process.stdout.write(HELP);
    return values.help ? 0 : 2;
  }
  if (command !== "check" && command !== "baseline")
    throw new InputError(`there is no command "${command}"; use check or baseline`);
  if (paths.length === 0) throw new InputError(`${command} needs a file, a folder or - for standard input`);
  const config = readConfig(values.config);
  const settings: Settings = {
    ...config.settings,
    ...(values.account === undefined ? {} : { account: accountIn(values.account) }),
  };
  const catalog = new Catalog(join(import.meta.dirname, "catalog.jsonl"));
  const { inputs, unreadable } = readInputs(paths);
  for (const message of unreadable) console.error(`warning: ${message}; it isn't checked`);
  if (inputs.length === 0)
    throw new InputError(
      `no files to check in ${paths.join(", ")}; give a folder with policy documents, templates or exported stacks`,
    );
  const findings = checkInputs(inputs, settings, catalog, {
    ...(values.kind === undefined ? {} : { kind: kindIn(values.kind) }),
    ...(values.service === undefined ? {} : { service: values.service }),
  });
  if (command === "baseline") return writeBaseline(findings, values.config, config);
  const resources = inputs.flatMap((input) => (input.kind === "stack" ? input.resources : []));
  const exceptions = [...(settings.exceptions ?? []), ...resources.flatMap((one) => exceptionIn(one) ?? [])];
  const triaged = triage(findings, { ...settings, exceptions }, new Date());
  for (const format of ["json", "sarif", "junit"] as ReportFormat[]) {
    const file = values[format];
    if (file !== undefined) writeText(`--${format}`, file, reportAs(format, triaged));
  }
  printFindings(triaged, fixedEntries(findings, settings.baseline ?? []), values.quiet === true);
  printFiles(inputs.length, unreadable.length);
  printTexts(finalTexts(triaged, resources, contextOf(settings, resources), catalog));
  return triaged.some(({ outcome }) => outcome === "stops") ? 1 : 0;
}

function parseOptions(args: string[]) {
  const text = { type: "string" } as const;
  const options = {
    ...{ config: text, kind: text, service: text, account: text, json: text, sarif: text, junit: text },
    quiet: { type: "boolean" },
    help: { type: "boolean", short: "h" },
  } as const;
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    throw new InputError((error as Error).message);
  }
}

function kindIn(text: string): DocumentKind {
  if (!KINDS.includes(text)) throw new InputError(`--kind is "${text}"; it must be one of ${KINDS.join(", ")}`);
  return text as DocumentKind;
}

function writeBaseline(
  findings: Parameters<typeof recordBaseline>[0],
  file: string | undefined,
  config: Config,
): number {
  if (file === undefined) throw new InputError("baseline needs --config FILE, where it records the findings");
  const earlier = config.settings.baseline ?? [];
  const baseline = recordBaseline(findings, earlier, new Date());
  const updated = { ...config, settings: { ...config.settings, baseline } };
  writeText("--config", file, `${JSON.stringify(updated, null, 2)}\n`);
  const dropped = fixedEntries(findings, earlier).length;
  console.log(`${file} now has a baseline of ${baseline.length} findings; ${dropped} fixed ones were removed`);
  return 0;
}
