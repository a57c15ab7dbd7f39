/** IAM policy documents: parse, match, evaluate. Knows nothing of Pulumi, AWS calls or the chat. */
export {
  type Effect,
  type Matcher,
  type PolicyDocument,
  PolicySyntaxError,
  parsePolicy,
  type Statement,
} from "./document.ts";
export { type AccessRequest, type Decision, evaluate, type Policies } from "./evaluate.ts";
