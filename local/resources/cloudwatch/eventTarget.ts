import type { Draft } from "../../draft.ts";
import type { Inputs, Made, Resource } from "../model.ts";
import { busOf, qualifiedRule } from "./ruleName.ts";

export function outputs({ name, inputs }: { name: string; inputs: Inputs }): Made {
  const { rule, eventBusName = "default", targetId = name } = inputs;
  const id = `${rule}-${targetId}`;
  return { id: eventBusName === "default" ? id : `${eventBusName}-${id}`, targetId };
}

const NOT_SERVED = ["deadLetterConfig"];

export function serve({ id, inputs }: Resource, draft: Draft): void {
  const { arn, input, inputPath, inputTransformer, targetId = id } = inputs;
  const bus = busOf(inputs);
  const rule = draft.rules.get(draft.arnOf("events", qualifiedRule(bus, inputs.rule)));
  if (rule === undefined) {
    throw new Error(`ResourceNotFoundException: Rule ${inputs.rule} does not exist on EventBus ${bus}.`);
  }
  if (input !== undefined && !isJson(input)) {
    throw new Error(`ValidationException: JSON syntax error in input for target ${targetId}`);
  }
  for (const field of NOT_SERVED.filter((field) => inputs[field])) {
    draft.report({
      event: "warning",
      message: `a target of the rule ${rule.name} has ${field}, which the local cloud does not support`,
    });
  }
  if (!/^arn:[a-z-]+:(lambda|sqs):/.test(arn)) {
    const message = `the rule ${rule.name} would invoke ${arn}: the local cloud only supports functions and queues as targets`;
    draft.report({ event: "warning", message });
    return;
  }
  rule.targets.set(id, {
    arn,
    warned: false,
    ...(input === undefined ? {} : { input }),
    ...(inputPath === undefined ? {} : { inputPath }),
    ...(inputTransformer === undefined
      ? {}
      : { transformer: { paths: inputTransformer.inputPaths ?? {}, template: inputTransformer.inputTemplate } }),
  });
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
