/** Parses the text of CloudFormation templates. */
import { type Document, isAlias, parseDocument, visit, YAMLMap } from "yaml";

/**
 * Parses JSON or YAML text. Short forms such as `!Sub` become long ones such as `Fn::Sub`.
 *
 * @returns undefined for text that can't grant anything, because it names no policy and has no `Effect`, and for text
 *   that can't be parsed: CloudFormation rejects such a template
 */
export function parseTemplate(text: string): unknown {
  if (!/Effect|Polic(y|ies)/.test(text)) return undefined;
  try {
    const document = parseDocument(text, { logLevel: "silent" });
    expandShortForms(document);
    return document.toJS();
  } catch {
    return undefined;
  }
}

/**
 * Replaces nodes with a tag. It includes tags that CloudFormation doesn't know, because without them, `!Foo bar` would
 * pass for the text `bar`.
 */
function expandShortForms(document: Document): void {
  visit(document, {
    Node: (_, node) => {
      if (isAlias(node) || node.tag === undefined || !/^![A-Za-z]/.test(node.tag)) return undefined;
      const name = node.tag.slice(1);
      const call = new YAMLMap();
      // An alias stands for the whole call.
      if (node.anchor !== undefined) call.anchor = node.anchor;
      delete node.anchor;
      delete node.tag;
      call.add({ key: name === "Ref" || name === "Condition" ? name : `Fn::${name}`, value: node });
      return call;
    },
  });
}
