/** Fires `online` and `offline` events, as a browser's window does. */
export interface NetworkEvents {
  addEventListener(type: string, listener: () => void): void;
  removeEventListener(type: string, listener: () => void): void;
}
