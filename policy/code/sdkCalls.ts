/** Finds the AWS operations that a function's code calls, before or after bundling. */
import type { Catalog } from "@serverless-chat/iam";
import type { AnyNode, CallExpression, NewExpression } from "acorn";
import { type BundledSdk, bundledSdk } from "./bundledSdk.ts";
import { methodsIn } from "./clients.ts";
import { importedAs, isForeign, keyOf, sourcesIn } from "./modules.ts";
import { actionsFor, hasToBeAllowed, TRANSACTION_PARTS } from "./operations.ts";
import { mentionsIn, useOf } from "./sdkMentions.ts";
import { servicesIn } from "./services.ts";
import { signedRequestsIn } from "./signedRequests.ts";
import { parentOf, type Syntax, syntaxOf } from "./syntax.ts";

export interface SdkCalls {
  /** Actions required by calls that the code certainly makes: at least one action of each list. */
  needs: string[][];
  /** Actions required by calls that the code certainly or possibly makes. */
  actions: Set<string>;
  /** Whether the code is incomplete, or has calls whose actions aren't known. If so, no grant counts as unused. */
  isPartial: boolean;
}

interface Call {
  operation: string;
  /** Services that may have the operation. */
  services: Set<string>;
  isCertain: boolean;
}

/** @param code the text of one file or several */
export function sdkCallsOf(code: string | string[], catalog: Catalog): SdkCalls {
  const isAction = (name: string) => catalog.action(name) !== undefined;
  const texts = [code].flat();
  const services = servicesIn(texts.join("\n"));
  const needs: string[][] = [];
  const actions = new Set<string>();
  let [isPartial, takesRoles] = [false, false];
  for (const text of texts) {
    const syntax = syntaxOf(text);
    isPartial ||= syntax === undefined || text.includes(VERSION_2) || isOutOfSight(syntax, services);
    if (syntax === undefined) continue;
    takesRoles ||= sourcesIn(syntax).includes(CREDENTIAL_PROVIDERS);
    for (const action of signedRequestsIn(syntax)) actions.add(action);
    for (const { operation, services: own, isCertain } of callsIn(syntax, services)) {
      const needed = actionsFor(operation, own, isAction);
      if (isCertain) needs.push(...needed);
      for (const action of needed.flat()) actions.add(action);
      if (isCertain && needed.length === 0 && own.size > 0) isPartial = true;
    }
  }
  // Code that assumes another role makes some calls with that role's permissions, and static analysis can't tell which.
  takesRoles ||= needs.some(([action]) => action === ASSUME_ROLE);
  return { needs: takesRoles ? needs.filter(([action]) => action === ASSUME_ROLE) : needs, actions, isPartial };
}

const ASSUME_ROLE = "sts:AssumeRole";
const CREDENTIAL_PROVIDERS = "@aws-sdk/credential-providers";

/** Text that only SDK version 2 itself contains. Its operations are data, not code, so they can't be found. */
const VERSION_2 = "AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE";

function callsIn(syntax: Syntax, services: Set<string>): Call[] {
  const inside = bundledSdk(syntax);
  const mentions = mentionsIn(syntax, inside).map(({ name, source, isCall }) => {
    const operation = name.replace(/Command$|^paginated?/, "");
    // The program may have a class of its own that is named `Upload`.
    const isSdk = source === undefined ? name !== "Upload" : source.startsWith("@aws-sdk/");
    return { operation, services: servicesOf(source, services), isCertain: isCall && isSdk };
  });
  const methods = methodsIn(syntax, services).map(({ operation, service, isCalled }) => ({
    operation,
    services: service === undefined ? services : new Set([service]),
    isCertain: isCalled && service !== undefined,
  }));
  const calls = [...mentions, ...methods];
  const isTransaction = calls.some(({ operation }) => /^TransactWrite(Items)?$/.test(operation));
  return [
    ...calls.filter(({ operation }) => !/^TransactWrite(Items)?$/.test(operation)),
    ...(isTransaction ? transactionParts(syntax, inside) : []),
  ].map((call) => ({
    ...call,
    isCertain: call.isCertain && hasToBeAllowed(call.operation, !inside.isEmpty),
  }));
}

function servicesOf(source: string | undefined, services: Set<string>): Set<string> {
  const own = servicesIn(source ?? "");
  return own.size === 0 ? services : own;
}

/**
 * Operations of a transaction's items. If no items are found, the transaction itself, whose actions aren't known.
 */
function transactionParts(syntax: Syntax, inside: BundledSdk): Call[] {
  const services = new Set(["dynamodb"]);
  const parts = [...syntax.of("Property"), ...syntax.of("MemberExpression")].flatMap((node) => {
    const operation = TRANSACTION_PARTS.get(keyOf(node) ?? "");
    if (operation === undefined || inside.isWithin(node)) return [];
    const item = node.type === "Property" && node.value.type === "ObjectExpression" ? node.value.properties : [];
    return [{ operation, services, isCertain: item.some((property) => keyOf(property) === "TableName") }];
  });
  return parts.length === 0 ? [{ operation: "TransactWriteItems", services, isCertain: true }] : parts;
}

/** Whether the code makes, or may make, calls that static analysis can't see. */
function isOutOfSight(syntax: Syntax, services: Set<string>): boolean {
  const sources = sourcesIn(syntax);
  const isEval = ({ callee }: CallExpression) => callee.type === "Identifier" && callee.name === "eval";
  if (sources.some(isForeign) || syntax.of("CallExpression").some(isEval)) return true;
  if (sources.some((source) => CLIENT.test(source ?? "")) && syntax.of("Identifier").some(isClientHandedOn))
    return true;
  // A command that is chosen at run time, as in `new commands[name]()`.
  const isNamedLater = ({ callee }: NewExpression) => callee.type === "MemberExpression" && keyOf(callee) === undefined;
  return services.size > 0 && syntax.of("NewExpression").some(isNamedLater);
}

const CLIENT = /^(@aws-sdk\/(client-|lib-dynamodb)|aws-sdk)/;

/** Whether a client's module is passed on as a whole, or one of its exports is chosen at run time. */
function isClientHandedOn(node: AnyNode): boolean {
  const { source = "", name } = importedAs(node) ?? {};
  if (name !== undefined || !CLIENT.test(source)) return false;
  const parent = parentOf(node);
  if (parent?.type === "MemberExpression") return parent.object === node && keyOf(parent) === undefined;
  if (parent?.type === "VariableDeclarator" && parent.id.type === "ObjectPattern") return false;
  return /handed on|renamed/.test(useOf(node, ""));
}
