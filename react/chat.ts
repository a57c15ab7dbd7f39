import type { Client } from "@serverless-chat/client";
import { ConnectionSource } from "./connectionSource.ts";
import { RoomSource } from "./roomSource.ts";
import { RoomsSource } from "./roomsSource.ts";
import { shared } from "./shared.ts";

/** State that the hooks below one provider share, and the client, which exists while the provider is mounted. */
export class Chat {
  #client: Client | undefined;
  readonly #rooms = new Map<string, RoomSource>();
  readonly connection: ConnectionSource;
  readonly rooms: RoomsSource;
  /** Opens the client for its first holder and closes it after the last one. @returns a function that releases it */
  readonly retain: () => () => void;

  /** @param connect creates the client, which connects at once */
  constructor(connect: () => Client) {
    this.retain = shared(() => {
      const client = connect();
      this.#client = client;
      return () => {
        this.#client = undefined;
        client.close();
      };
    });
    this.connection = new ConnectionSource(this);
    this.rooms = new RoomsSource(this);
  }

  /** @throws Error before the provider's effects have run */
  get client(): Client {
    if (this.#client !== undefined) return this.#client;
    throw new Error("the chat isn't mounted: call this from an effect or an event handler below <ChatProvider>");
  }

  room(name: string): RoomSource {
    const normalized = name.normalize("NFC");
    let room = this.#rooms.get(normalized);
    if (room === undefined) {
      room = new RoomSource(this, normalized);
      this.#rooms.set(normalized, room);
    }
    return room;
  }
}
