/**
 * Events that wait for an execution environment. Senders take turns. On AWS each event would get its own environment,
 * and a burst from one client wouldn't delay others; here there are only a few environments.
 */
export class WaitingEvents<Event> {
  /** Events by sender; the senders are in the order of their turns. */
  readonly #events = new Map<string, Event[]>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The sender whose turn it is; undefined if no events are waiting. */
  get nextSender(): string | undefined {
    return this.#events.keys().next().value;
  }

  push(sender: string, event: Event): void {
    const events = this.#events.get(sender);
    if (events === undefined) this.#events.set(sender, [event]);
    else events.push(event);
    this.#size += 1;
  }

  /** Takes the oldest event of the sender whose turn it is; undefined if there are none. */
  shift(): Event | undefined {
    const [next] = this.#events;
    if (next === undefined) return undefined;
    const [sender, events] = next;
    this.#events.delete(sender);
    const event = events.shift();
    if (events.length > 0) this.#events.set(sender, events);
    this.#size -= 1;
    return event;
  }
}
