/** Replaces the intrinsic functions of CloudFormation with what they stand for, as far as a template shows it. */
import { SOME_ARN } from "../document/scope.ts";
import type { Choice } from "./templateConditions.ts";
import { UNKNOWN } from "./unknown.ts";

type Values = Record<string, unknown>;

/** What functions refer to. */
interface Scope {
  parameters: ReadonlyMap<string, unknown>;
  mappings: Values;
  choice: Choice;
}

/** Stands for `AWS::NoValue`, which removes an element or a property. */
const NO_VALUE = Symbol("AWS::NoValue");

/** The beginning of a text that is an ARN, whose end follows in the text. */
const ARN_START = "arn:aws:unknown:::Name";

/**
 * Replaces each function in a value.
 *
 * @param element name of the property that has the value, because an unknown value counts as the widest that IAM
 *   accepts in its place
 */
export function withoutIntrinsics(value: unknown, scope: Scope, element = ""): unknown {
  const result = resolved(value, scope, element);
  return result === NO_VALUE ? undefined : result;
}

function resolved(value: unknown, scope: Scope, element: string): unknown {
  if (Array.isArray(value)) return listOf(value, scope, element);
  if (!isRecord(value)) return value;
  const call = callIn(value);
  if (call === undefined) {
    const entries = Object.entries(value).map(([key, inner]) => [key, resolved(inner, scope, key)] as const);
    return Object.fromEntries(entries.filter(([, inner]) => inner !== NO_VALUE));
  }
  const [name, argument] = call;
  // A branch isn't the result of a function: what is wrong in it is the author's mistake.
  if (name === "Fn::If") return branchOf(argument, scope, element) ?? unknownIn(element);
  const result = resultOf(name, argument, scope, element);
  return result === undefined || !isPossible(result, element) ? unknownIn(element) : result;
}

function listOf(list: unknown[], scope: Scope, element: string): unknown[] {
  const items = list.flatMap((item) => {
    const inner = resolved(item, scope, element);
    // A function may stand for several elements.
    return Array.isArray(inner) && !Array.isArray(item) ? inner : [inner];
  });
  // Inline policies keep their index, so that findings name the one that the author wrote.
  if (element === "Policies") return items.map((item) => (item === NO_VALUE ? null : item));
  return items.filter((item) => item !== NO_VALUE);
}

/** The function that an object calls, and its argument; undefined for any other object. */
function callIn(value: Values): [name: string, argument: unknown] | undefined {
  const [[key, argument] = ["", undefined], ...others] = Object.entries(value);
  return others.length === 0 && /^(Ref$|Fn::)/.test(key) ? [key, argument] : undefined;
}

/** What stands in an element for a value that the template doesn't show. */
function unknownIn(element: string): unknown {
  if (element === "Effect") return "Allow";
  if (element === "Version") return "2012-10-17";
  if (element === "Sid") return "Name";
  if (element === "Principal" || element === "NotPrincipal") return { AWS: SOME_ARN };
  // Without its conditions, a statement allows the most.
  if (element === "Condition") return NO_VALUE;
  if (/^Statement$|^Polic(y|ies)$|Policy(Document|Text)?$/.test(element)) return UNKNOWN;
  return SOME_ARN;
}

/** Whether IAM could accept the result of a function in an element. A result can contain placeholders. */
function isPossible(result: unknown, element: string): boolean {
  if (element === "Effect") return result === "Allow" || result === "Deny";
  if (element === "Version") return result === "2012-10-17" || result === "2008-10-17";
  if (element === "Principal" || element === "NotPrincipal") return result === "*" || isRecord(result);
  return true;
}

/** The result of a function; undefined if the template doesn't show it. */
function resultOf(name: string, argument: unknown, scope: Scope, element: string): unknown {
  switch (name) {
    case "Ref":
      if (argument === "AWS::NoValue") return NO_VALUE;
      return PSEUDO_PARAMETERS.get(String(argument)) ?? defaultOf(String(argument), scope);
    case "Fn::Sub":
      return substituted(argument, scope, element);
    case "Fn::Join":
      return joined(argument, scope, element);
    case "Fn::Select":
      return selected(argument, scope, element);
    case "Fn::Split":
      return split(argument, scope);
    case "Fn::FindInMap":
      return mapped(argument, scope);
    case "Fn::ToJsonString":
      return resolved(argument, scope, element);
    default:
      return undefined;
  }
}

function branchOf(argument: unknown, scope: Scope, element: string): unknown {
  if (!Array.isArray(argument) || typeof argument[0] !== "string") return undefined;
  return resolved(argument[scope.choice.get(argument[0]) === false ? 2 : 1], scope, element);
}

const PSEUDO_PARAMETERS = new Map<string, string>(
  Object.entries({
    "AWS::AccountId": "ACCOUNT",
    "AWS::Partition": "aws",
    "AWS::Region": "REGION",
    "AWS::URLSuffix": "amazonaws.com",
  }),
);

/**
 * The value that a parameter has unless someone overrides it. Only ARNs, actions and wildcards count: other defaults
 * are names, or stand for a parameter that isn't used, such as "none".
 */
function defaultOf(name: string, scope: Scope): string | string[] | undefined {
  const text = defaultText(name, scope);
  if (text === undefined || !/[:*]/.test(text)) return undefined;
  const { Type } = scope.parameters.get(name) as Values;
  return /List/.test(String(Type)) ? text.split(",").map((item) => item.trim()) : text;
}

function defaultText(name: string, { parameters }: Scope): string | undefined {
  const parameter = parameters.get(name);
  // The default of such a parameter is the name of an SSM parameter, which has the value.
  if (!isRecord(parameter) || /^AWS::SSM::/.test(String(parameter.Type))) return undefined;
  const { Default: text } = parameter;
  return (typeof text === "string" && text !== "") || typeof text === "number" ? String(text) : undefined;
}

/** `${!aws:username}` is a policy variable, and all other names are parameters, resources or names of the function. */
function substituted(argument: unknown, scope: Scope, element: string): unknown {
  const [text, own] = [argument].flat();
  if (typeof text !== "string") return undefined;
  const names = new Map(isRecord(own) ? Object.entries(own) : []);
  const meaningOf = (name: string) => names.get(name) ?? (name.includes(".") ? { "Fn::GetAtt": name } : { Ref: name });
  const [, whole] = /^\$\{([\w.:]+)\}$/.exec(text) ?? [];
  if (whole !== undefined) return resolved(meaningOf(whole), scope, element);
  const replaced = text.replace(/\$\{([\w.:]+)\}/g, (_, name: string, at: number) =>
    partOf(meaningOf(name), scope, isArnAt(at, element)),
  );
  return replaced.replaceAll("${!", "${");
}

function joined(argument: unknown, scope: Scope, element: string): unknown {
  if (!Array.isArray(argument)) return undefined;
  const [separator, parts] = argument;
  if (!Array.isArray(parts) || typeof separator !== "string") return undefined;
  const texts = parts
    .filter((part) => resolved(part, scope, "") !== NO_VALUE)
    .map((part, i) => partOf(part, scope, isArnAt(i, element)));
  return texts.join(separator);
}

/** A resource is an ARN, so what its text begins with is the beginning of one. */
function isArnAt(index: number, element: string): boolean {
  return index === 0 && /^(Not)?Resource$/.test(element);
}

/** The text of a value within a longer text. */
function partOf(value: unknown, scope: Scope, isArn: boolean): string {
  if (typeof value === "string" || typeof value === "number") return String(value);
  const call = isRecord(value) ? callIn(value) : undefined;
  if (call === undefined) return "Name";
  const [name, argument] = call;
  const referred = [argument].flat().join(".");
  const text = name === "Ref" ? (PSEUDO_PARAMETERS.get(referred) ?? defaultText(referred, scope)) : undefined;
  const needsArn = isArn || (/^(Ref|Fn::GetAtt)$/.test(name) && /Arn$/.test(referred));
  if (text !== undefined && (!needsArn || /[:*]/.test(text))) return text;
  const result = name === "Ref" ? undefined : resolved(value, scope, "");
  if (typeof result === "string" && result !== SOME_ARN) return result;
  return needsArn ? ARN_START : "Name";
}

function selected(argument: unknown, scope: Scope, element: string): unknown {
  if (!Array.isArray(argument)) return undefined;
  const list = resolved(argument[1], scope, element);
  return Array.isArray(list) ? list.at(Number(argument[0])) : undefined;
}

function split(argument: unknown, scope: Scope): unknown {
  if (!Array.isArray(argument) || typeof argument[0] !== "string") return undefined;
  const text = resolved(argument[1], scope, "");
  return typeof text === "string" && text !== SOME_ARN ? text.split(argument[0]) : undefined;
}

/** The value of a mapping, or all values if a key isn't known, such as the Region. */
function mapped(argument: unknown, scope: Scope): unknown {
  if (!Array.isArray(argument)) return undefined;
  const found = argument.slice(0, 3).reduce<unknown[]>(
    (maps, key) =>
      maps.flatMap((map) => {
        if (!isRecord(map)) return [];
        if (typeof key !== "string") return Object.values(map);
        return Object.hasOwn(map, key) ? [map[key]] : [];
      }),
    [scope.mappings],
  );
  const values = [...new Set(found.flat())];
  return values.length > 1 ? values : values[0];
}

export function isRecord(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
