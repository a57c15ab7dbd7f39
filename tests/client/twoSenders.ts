import { expect } from "vitest";
import type { Room } from "../../client/index.ts";
import type { People } from "./people.ts";
import { Reader } from "./reader.ts";

/** Lets two clients send this many messages each to one room at the same time, while a third client reads it. */
export async function expectOneOrder(people: People, room: string, each: number): Promise<void> {
  const names = ["ana", "bob", "eve"];
  const clients = names.map((name) => people.client(name));
  const readers = clients.map((client) => new Reader(client.room(room), 0));
  const [ana, bob] = clients.map((client) => client.room(room)) as [Room, Room];
  const textsOf = (name: string) => Array.from({ length: each }, (_, i) => `${name} ${i}`);
  const sent = textsOf("ana").flatMap((text, i) => [ana.send(text), bob.send(textsOf("bob")[i] as string)]);
  const acknowledged = await Promise.all(sent.map((outgoing) => outgoing.acknowledged));
  await Promise.all(readers.map((reader) => reader.until(({ texts }) => texts.length >= 2 * each)));

  const [first, ...others] = readers as [Reader, ...Reader[]];
  for (const other of others) expect(other.entries).toEqual(first.entries);
  for (const name of ["ana", "bob"]) expect(first.texts.filter((text) => text.startsWith(name))).toEqual(textsOf(name));
  expect(first.texts).toHaveLength(2 * each);
  // Each ack states its message's position.
  const placeOf = new Map(first.entries.map(({ id, seq }) => [id, seq]));
  expect(sent.map(({ id }) => placeOf.get(id))).toEqual(acknowledged.map(({ seq }) => seq));
  expect([...ana.outgoing, ...bob.outgoing]).toEqual([]);
}
