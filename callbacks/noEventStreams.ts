/**
 * Replaces `@smithy/core/event-streams` in a bundle. No command used here streams events, but the clients'
 * configuration refers to the module. A command that does stream events fails with an explanation.
 */
export class EventStreamSerde {
  constructor() {
    throw new Error("event streams are left out of bundled callbacks");
  }
}

export const eventStreamSerdeProvider = () => ({});

export const resolveEventStreamSerdeConfig = <Config extends object>(config: Config): Config => config;
