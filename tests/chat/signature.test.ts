/** Signature Version 4, checked against the vectors that AWS publishes and against the SDK's own signer. */
import { createHash } from "node:crypto";
import { SignatureV4 } from "@smithy/signature-v4";
import fc from "fast-check";
import { expect, it } from "vitest";
import { NodeSha256 } from "../../bench/nodeSha256.ts";
import { type Credentials, sha256, sign } from "../../chat/signed/signature.ts";

// The vectors of https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-signing-test-suite.html, except those
// that have a query or whose path needs normalization: our requests have no query, and their paths are normalized.
const KEYS = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };
const AT = new Date("2015-08-30T12:36:00Z");
const SCOPE = { region: "us-east-1", service: "service" };
const TOKEN =
  "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7" +
  "mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d" +
  "+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==";

interface Vector {
  name: string;
  method?: string;
  path?: string;
  headers?: Record<string, string>;
  body?: string;
  sessionToken?: string;
  signature: string;
}

it.each<Vector>([
  { name: "get-vanilla", signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31" },
  {
    name: "post-vanilla",
    method: "POST",
    signature: "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
  },
  { name: "get-utf8", path: "/ሴ", signature: "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85" },
  {
    name: "get-space",
    path: "/example space/",
    signature: "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741",
  },
  {
    name: "get-unreserved",
    path: "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
    signature: "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f",
  },
  {
    name: "get-header-value-trim",
    headers: { "my-header1": " value1", "my-header2": ' "a   b   c"' },
    signature: "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
  },
  {
    name: "post-x-www-form-urlencoded",
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: "Param1=value1",
    signature: "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
  },
  {
    name: "post-sts-header-before",
    method: "POST",
    sessionToken: TOKEN,
    signature: "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead",
  },
])("AWS's vector $name", ({ method = "GET", path = "/", headers = {}, body = "", sessionToken, signature }) => {
  const request = { method, host: "example.amazonaws.com", path, headers, bodyHash: sha256(body) };
  const credentials: Credentials = sessionToken === undefined ? KEYS : { ...KEYS, sessionToken };
  expect(sign(request, SCOPE, credentials, AT).authorization).toMatch(new RegExp(`Signature=${signature}$`));
});

it("the signature equals the SDK's for any connection, body and key", async () => {
  const text = fc.string({ unit: "grapheme", maxLength: 40 });
  const key = fc.string({ unit: fc.constantFrom(..."abcXYZ019+/"), minLength: 1, maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(
      text,
      text,
      key,
      fc.option(key),
      fc.date({ noInvalidDate: true, min: AT }),
      async (id, body, secret, token, at) => {
        const credentials = { ...KEYS, secretAccessKey: secret, ...(token === null ? {} : { sessionToken: token }) };
        const path = `/dev/@connections/${encodeURIComponent(id)}`;
        const sdk = new SignatureV4({ ...SCOPE, credentials, sha256: NodeSha256 });
        const { headers } = await sdk.sign(
          { method: "POST", protocol: "https:", hostname: "api.example", path, headers: { host: "api.example" }, body },
          { signingDate: at },
        );
        const bodyHash = createHash("sha256").update(body).digest("hex");
        // The SDK also signs the body's hash as a header.
        const own = { "x-amz-content-sha256": headers["x-amz-content-sha256"] as string };
        const signed = sign(
          { method: "POST", host: "api.example", path, headers: own, bodyHash },
          SCOPE,
          credentials,
          at,
        );
        expect(signed.authorization).toBe(headers.authorization);
      },
    ),
    {
      examples: [".", ".."].map((id): [string, string, string, null, Date] => [id, "", "a", null, AT]),
    },
  );
});
