import { afterAll, beforeAll, test } from "vitest";
import { type LocalCloud, startLocalCloud } from "../localCloud.ts";
import { People } from "./people.ts";
import { expectOneOrder } from "./twoSenders.ts";

let cloud: LocalCloud;
let people: People;
beforeAll(async () => {
  cloud = await startLocalCloud();
  people = new People(cloud.outputs.webSocketUrl as string);
});
afterAll(async () => {
  people?.leave();
  await cloud?.stop();
});

test("two clients that send 500 messages each at the same time: one order for every reader", () =>
  expectOneOrder(people, "busy", 500));
