/** Tests stacks whose users sign in with another issuer, and stacks without a page. */
import { expect, test } from "vitest";
import { type Inputs, ofType, previewStack } from "./stack.ts";

const OIDC = {
  "chat:auth": "oidc",
  "chat:oidcIssuer": "https://login.example.com/tenant/v2",
  "chat:oidcAudience": "chat-page",
  "chat:origins": "https://mine.example.com",
};

test("with another issuer, the page signs in there with the client ID that is the tokens' audience", async () => {
  const { registrations, outputs } = await previewStack("dev", OIDC);
  const one = (type: string) => [...ofType(registrations, type).values()][0] as Inputs;
  const { contentSecurityPolicy } = one("aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy")
    .securityHeadersConfig.contentSecurityPolicy;
  expect(contentSecurityPolicy).toMatch(/connect-src 'self' wss:\/\/[^/; ]+ https:\/\/login\.example\.com;/);
  const config = ofType(registrations, "aws:s3/bucketObjectv2:BucketObjectv2").get("page/config.json");
  expect(JSON.parse(Buffer.from(config?.contentBase64, "base64").toString()).signIn).toEqual({
    issuer: "https://login.example.com/tenant/v2",
    clientId: "chat-page",
  });
  const { variables } = ofType(registrations, "aws:lambda/function:Function").get("authorizer")?.environment ?? {};
  expect(JSON.parse(variables.ORIGINS)).toEqual(["https://mine.example.com", outputs.pageUrl]);
  expect(ofType(registrations, "aws:cognito/userPool:UserPool").size).toBe(0);
});

test("chat:page: false omits the page and nothing else", async () => {
  const [without, withPage] = await Promise.all([previewStack("dev", { "chat:page": "false" }), previewStack("dev")]);
  const urns = new Set(without.registrations.map(({ urn }) => urn));
  const left = withPage.registrations.filter(({ urn }) => !urns.has(urn));
  expect(left.length).toBe(12);
  for (const { urn } of left) expect(urn).toContain("chat:index:StaticSite");
  expect(without.outputs).not.toHaveProperty("pageUrl");
  const { variables } =
    ofType(without.registrations, "aws:lambda/function:Function").get("authorizer")?.environment ?? {};
  expect(variables.ORIGINS).toBe("[]");
});
