import type { Frame, History, Timed } from "../history.ts";

/** What a function answers to the frame that it was invoked for. */
export interface Answer {
  invocation: string;
  /** When it left: from the beginning of a post on the client may have it. */
  at: number;
  answer: Frame;
}

/** The answer that a happening is: one that a function returns, or posts before others learn of what it did. */
export function answerOf(happening: Timed): Answer | undefined {
  const { at } = happening;
  if (happening.kind === "returned") return { at, invocation: happening.invocation, answer: happening.answer };
  // What is posted to others has no request's id.
  if (happening.kind === "post" && happening.frame.id !== undefined)
    return { at, invocation: happening.invocation, answer: happening.frame };
  return undefined;
}

export function answersOf({ happenings }: History): Answer[] {
  return happenings.flatMap((happening) => answerOf(happening) ?? []);
}
