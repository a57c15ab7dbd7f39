/**
 * A stack's custom domain needs settings that fit together; other settings are refused before any resource is created.
 */
import * as pulumi from "@pulumi/pulumi";
import { afterEach, expect, test } from "vitest";
import { readConfig } from "../../config.ts";

const DOMAIN = "ws.example.com";
const ZONE = "Z0123456789ABC";
const CERTIFICATE = "arn:aws:acm:eu-central-1:000000000000:certificate/1234-abcd";

afterEach(() => pulumi.runtime.setAllConfig({}));

const domainOf = async (config: Record<string, string>) => {
  await pulumi.runtime.setMocks({ newResource: () => ({ id: "", state: {} }), call: () => ({}) }, "chat", "dev");
  pulumi.runtime.setAllConfig({ "aws:region": "eu-central-1", ...config });
  return readConfig().domain;
};

test.each([
  ["a domain alone", { "chat:domain": DOMAIN }, /"chat:domain", and either "chat:zone" or "chat:certificateArn"/],
  ["a zone alone", { "chat:zone": ZONE }, /needs "chat:domain"/],
  ["all three at once", { "chat:domain": DOMAIN, "chat:zone": ZONE, "chat:certificateArn": CERTIFICATE }, /and either/],
  ["a URL", { "chat:domain": `wss://${DOMAIN}`, "chat:zone": ZONE }, /"chat:domain" is "wss:.*a domain name such as/],
  ["a zone's name", { "chat:domain": DOMAIN, "chat:zone": "example.com" }, /"chat:zone" is "example.com".*the id of/],
  ["no certificate", { "chat:domain": DOMAIN, "chat:certificateArn": "arn" }, /"chat:certificateArn" is "arn"/],
])("%s is refused", async (_, config, says) => {
  await expect(domainOf(config)).rejects.toThrow(says);
});

test("a custom domain is ignored locally", async () => {
  const local = { "local:issuer": "http://127.0.0.1:1", "local:audience": "local" };
  expect(await domainOf({ "chat:domain": DOMAIN, "chat:zone": ZONE, ...local })).toBeUndefined();
  expect(await domainOf({ "chat:domain": DOMAIN, "chat:zone": ZONE })).toEqual({ name: DOMAIN, zone: ZONE });
});
