/** Parses, matches and evaluates IAM policy documents. Independent of Pulumi, AWS calls and the chat. */
export { type AccessLevel, type Action, Catalog, type ResourceType } from "./catalog.ts";
export { isKnownOperator } from "./conditions.ts";
export {
  type Condition,
  type Effect,
  type Matcher,
  type PolicyDocument,
  PolicySyntaxError,
  type PrincipalMatcher,
  parsePolicy,
  type Statement,
} from "./document.ts";
export { type AccessRequest, type Decision, evaluate, type Policies } from "./evaluate.ts";
export { canMatch, matchesAction, matchesResource, matchesText } from "./match.ts";
