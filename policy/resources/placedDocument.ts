import type { DocumentKind } from "../document/subject.ts";

/** A document and where it was found. */
export interface PlacedDocument {
  /** Property path, such as `inlinePolicies[0].policy`. */
  path: string;
  kind: DocumentKind;
  /** Service prefix of the resource that the policy belongs to; undefined for policies of identities. */
  service?: string;
  /** Name or ARN of the role, user or group that has the policy. */
  holder?: string;
  /** Maximum length that AWS accepts, in characters other than white space. */
  maxCharacters?: number;
  /** Whether the property holds only statements, without a document around them. */
  isStatements?: boolean;
  /** Whether this is one of several versions of the document, which the conditions of a template choose between. */
  isVersion?: boolean;
  /** JSON text, an object, or UNKNOWN. */
  document: unknown;
}
