import { dayOf, t } from "../language/index.ts";

export function DayLine({ at }: { at: number }) {
  return (
    <li class="day">
      <time dateTime={new Date(at).toISOString().slice(0, 10)}>{dayOf(at)}</time>
    </li>
  );
}

/** Line above the first message that the reader hasn't seen. */
export function NewLine() {
  return (
    <li class="day new">
      <span>{t.messages.new}</span>
    </li>
  );
}
