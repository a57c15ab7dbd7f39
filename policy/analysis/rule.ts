import type { Problem, Severity } from "./finding.ts";
import type { Kind, Subject } from "./subject.ts";

/** One thing that can be wrong with a document. */
export interface Rule {
  /** Stable: configurations and documents name it. */
  id: string;
  severity: Severity;
  /** What it looks for, in one line. */
  title: string;
  /** The documents that it looks at. */
  kinds: Kind[];
  examine(subject: Subject): Problem[];
}
