/**
 * Takes the place of `@smithy/core/event-streams` in a bundle: no command that a function here calls streams events,
 * only the clients' configuration mentions them. A command that does fails with a sentence.
 */
export class EventStreamSerde {
  constructor() {
    throw new Error("event streams are left out of bundled callbacks");
  }
}

export const eventStreamSerdeProvider = () => ({});

export const resolveEventStreamSerdeConfig = <Config extends object>(config: Config): Config => config;
