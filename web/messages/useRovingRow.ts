import { useMemo, useState } from "preact/hooks";

/**
 * One message at a time shows its actions and receives the Tab key: the one that is focused, under the pointer or
 * touched. Arrow keys move between messages, so thousands of messages are a single Tab stop.
 *
 * @param last position of the last message, which receives the first Tab
 */
export function useRovingRow(last: number | undefined) {
  const [active, setActive] = useState<number>();
  const list = useMemo(
    () => ({
      onFocusIn: ({ target }: FocusEvent) => setActive(seqOf(target)),
      onPointerOver: ({ target, pointerType, currentTarget }: PointerEvent) => {
        // While a message has focus, its actions stay visible.
        const isFocused = (currentTarget as Element).contains(document.activeElement);
        if (pointerType === "mouse" && !isFocused) setActive(seqOf(target));
      },
      onPointerLeave: ({ currentTarget }: PointerEvent) => {
        if (!(currentTarget as Element).contains(document.activeElement)) setActive(undefined);
      },
      onFocusOut: ({ currentTarget, relatedTarget }: FocusEvent) => {
        if (!(currentTarget as Element).contains(relatedTarget as Node | null)) setActive(undefined);
      },
      onKeyDown: (event: KeyboardEvent) => {
        const row = (event.target as Element).closest?.("[data-seq]");
        if (row === null || event.target !== row) return;
        const to = destination(row, event.key);
        if (to === null) return;
        event.preventDefault();
        (to as HTMLElement).focus();
      },
    }),
    [],
  );
  return { active, tabStop: active ?? last, list };
}

function seqOf(target: EventTarget | null): number | undefined {
  const row = (target as Element | null)?.closest?.<HTMLElement>("[data-seq]");
  return row?.dataset.seq === undefined ? undefined : Number(row.dataset.seq);
}

function destination(row: Element, key: string): Element | null {
  const rows = () => row.parentElement?.querySelectorAll("[data-seq]") ?? [];
  if (key === "Home") return rows()[0] ?? null;
  if (key === "End") return rows()[rows().length - 1] ?? null;
  if (key !== "ArrowUp" && key !== "ArrowDown") return null;
  const step = key === "ArrowUp" ? "previousElementSibling" : "nextElementSibling";
  let next = row[step];
  while (next !== null && !next.hasAttribute("data-seq")) next = next[step];
  return next;
}
