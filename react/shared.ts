/**
 * Shares something among holders: starts it for the first one and stops it after the last one. Stopping waits for the
 * next task, so that a release and a retain within one task, as in React's StrictMode and on remounts, don't restart
 * it.
 *
 * @param start starts it, and returns a function that stops it
 * @returns a function that adds a holder, and returns a function that removes this holder
 */
export function shared(start: () => () => void): () => () => void {
  let holders = 0;
  let stop: (() => void) | undefined;
  return () => {
    holders++;
    stop ??= start();
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      holders--;
      setTimeout(() => {
        if (holders > 0) return;
        stop?.();
        stop = undefined;
      });
    };
  };
}
