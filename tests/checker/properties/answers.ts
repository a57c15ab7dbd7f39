import type { Frame, History, Timed } from "../history.ts";

/** A function's answer to the frame that it was invoked for. */
export interface Answer {
  invocation: string;
  /** Time at which it left. The client may have it as soon as a post begins. */
  at: number;
  answer: Frame;
}

/** The answer in an event, if any. A function returns its answer, or posts it before others learn what was done. */
export function answerOf(happening: Timed): Answer | undefined {
  const { at } = happening;
  if (happening.kind === "returned") return { at, invocation: happening.invocation, answer: happening.answer };
  // Posts to others have no request id.
  if (happening.kind === "post" && happening.frame.id !== undefined)
    return { at, invocation: happening.invocation, answer: happening.frame };
  return undefined;
}

export function answersOf({ happenings }: History): Answer[] {
  return happenings.flatMap((happening) => answerOf(happening) ?? []);
}
