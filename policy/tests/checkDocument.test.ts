/** Tests that any input is checked quickly and gets findings or none, but no error. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkDocument, MALFORMED } from "../checkDocument.ts";
import type { DocumentKind } from "../document/subject.ts";
import { catalog } from "./catalog.ts";
import { ACCOUNT, allow, deny, policy, trust, trustOfWebIdentity } from "./statements.ts";

const KINDS: DocumentKind[] = ["identity", "trust", "resource", "boundary"];
const findingsIn = (document: unknown, kind: DocumentKind = "identity") =>
  checkDocument(document, { kind, account: ACCOUNT }, catalog);
const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;

describe("input that isn't a policy document", () => {
  test.each([
    ["text that isn't JSON", "{", "the document is not JSON"],
    ["empty text", "", "the document is not JSON"],
    ["a doubly quoted document", JSON.stringify(JSON.stringify(policy())), "this is"],
    ["null", null, "this is null"],
    ["nothing", undefined, "this is undefined"],
    ["a list", [allow("s3:GetObject", "*")], "a policy document must be a JSON object"],
    ["a number as Action", policy({ Effect: "Allow", Action: 5, Resource: "*" }), "Action 5 is not a string"],
    ["null as Action", policy({ Effect: "Allow", Action: null, Resource: "*" }), "Action null is not a string"],
    [
      "a list in a list as Action",
      policy({ Effect: "Allow", Action: [["s3:GetObject"]], Resource: "*" }),
      "is not a string",
    ],
    ["an unknown Version", { Version: "2012-10-18", Statement: [] }, 'Version is "2012-10-18"'],
    ["a date as Version", { Version: 20121017, Statement: [] }, "Version is 20121017"],
    ["no Statement", { Version: "2012-10-17" }, "no Statement"],
    ["null as Statement", { Version: "2012-10-17", Statement: null }, "statement 0 is null"],
    ["a string as Statement", { Version: "2012-10-17", Statement: "Allow" }, 'statement 0 is "Allow"'],
    [
      "an Effect in the wrong case",
      policy({ Effect: "allow", Action: "s3:GetObject", Resource: "*" }),
      'Effect is "allow"',
    ],
    ["an unknown element", policy(allow("s3:GetObject", "*", { Resources: "*" })), '"Resources"'],
    ["an unknown element of the document", { ...policy(), Statements: [] }, '"Statements"'],
    ["a statement under __proto__", '{"__proto__":{"Version":"2012-10-17","Statement":[]}}', "no Statement"],
    [
      "__proto__ as operator",
      '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{"__proto__":{"a":"b"}}}}',
      '"__proto__"',
    ],
    [
      "a Condition that is a list",
      policy(allow("s3:GetObject", "*", { Condition: [] })),
      "Condition is [], not an object",
    ],
    [
      "a Principal that is a number",
      policy({ Effect: "Allow", Principal: 5, Action: "sts:AssumeRole" }),
      "Principal is 5",
    ],
  ])("%s", (_, document, message) => {
    for (const kind of KINDS) {
      const findings = findingsIn(document, kind);
      expect(findings.map((finding) => finding.message).join("\n")).toContain(message);
      for (const { rule, severity } of findings) expect([rule, severity]).toEqual([MALFORMED, "high"]);
    }
  });

  test.each([
    ["lists in lists", nested(200_000)],
    ["a Statement of nested lists", `{"Version":"2012-10-17","Statement":${nested(200_000)}}`],
    [
      "an Action of nested lists",
      `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Resource":"*","Action":${nested(200_000)}}}`,
    ],
  ])("%s, nested as deeply as 400 KB of text allows", (_, document) => {
    expect(findingsIn(document).map(({ rule }) => rule)).toEqual([MALFORMED]);
  });

  test("a trust policy with an action of another service than sts", () => {
    const found = findingsIn(
      policy({ ...trust({ Service: "lambda.amazonaws.com" }), Action: "lambda:Invoke" }),
      "trust",
    );
    expect(found.map(({ message }) => message)).toEqual([
      'IAM would reject this document: a trust policy allows sts actions only, not "lambda:Invoke"',
    ]);
  });

  test("a document that is too long, not counting white space", () => {
    const long = JSON.stringify(policy(allow("s3:GetObject", `arn:aws:s3:::${"a".repeat(33_000)}`)));
    expect(findingsIn(long).map(({ message }) => message)).toEqual([
      "IAM would reject this document: it has more than 32,768 characters",
    ]);
    expect(
      findingsIn(`${JSON.stringify(policy(allow("s3:GetObject", "arn:aws:s3:::a/b")))}${" ".repeat(40_000)}`),
    ).toEqual([]);
  });

  test("names that every JavaScript object inherits aren't services or actions", () => {
    const document = policy(allow(["constructor:toString", "__proto__:*"], "*"));
    expect(new Set(findingsIn(document).map(({ rule }) => rule))).toEqual(
      new Set(["unknown-action", "wildcard-action"]),
    );
  });

  test("a document with __proto__ leaves Object.prototype unchanged", () => {
    findingsIn(
      '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"StringEquals":{"__proto__":"x"}}}}',
    );
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});

describe("any input", () => {
  test("any JSON value, as a value and as text, gets findings and no error", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(...KINDS), (value, kind) => {
        expect(findingsIn(value, kind).length).toBeGreaterThan(0);
        expect(findingsIn(JSON.stringify(value), kind).length).toBeGreaterThan(0);
      }),
    );
  });

  test("statements with any text get findings or none, but no error", () => {
    const text = fc.oneof(
      fc.string(),
      fc.constantFrom("*", "s3:*", "s3:GetObject", "arn:aws:s3:::b/*", "arn:aws:iam::1:root", "arn", "${", "__proto__"),
      fc.stringMatching(/^[a-z*?:$ {}()[\]\\.+/-]{0,20}$/),
    );
    const texts = fc.oneof(text, fc.array(text, { minLength: 1, maxLength: 3 }));
    const dictionary = (value: fc.Arbitrary<unknown>, key = text) => fc.dictionary(key, value, { maxKeys: 2 });
    const operator = fc.constantFrom(
      "StringEquals",
      "StringLike",
      "ForAllValues:ArnLike",
      "Null",
      "IpAddress",
      "NumericLessThanIfExists",
      "StringNotEquals",
      "Bool",
    );
    const statement = fc.record(
      {
        Effect: fc.constantFrom("Allow", "Deny"),
        Action: texts,
        Resource: texts,
        Sid: text,
        Principal: fc.oneof(
          fc.constant("*"),
          dictionary(texts, fc.constantFrom("AWS", "Service", "Federated", "CanonicalUser")),
        ),
        Condition: dictionary(dictionary(texts), operator),
      },
      { requiredKeys: ["Effect", "Action"] },
    );
    fc.assert(
      fc.property(
        fc.array(statement, { minLength: 1, maxLength: 3 }),
        fc.constantFrom(...KINDS),
        (statements, kind) => {
          expect(findingsIn(policy(...statements), kind)).toBeInstanceOf(Array);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test.each(["*", "(", "accounts.google.com(", "a+b?[", "\\"])("a provider named %s gets findings", (provider) => {
    expect(findingsIn(policy(trustOfWebIdentity(provider)), "trust").length).toBeGreaterThan(0);
  });
});

describe("a document that is checked in less than a second", () => {
  test.each([
    ["exact grants", allow("dynamodb:GetItem", `arn:aws:dynamodb:eu-central-1:${ACCOUNT}:table/orders`)],
    ["denials", deny("dynamodb:GetItem", "*")],
    ["wide grants", allow("s3:GetObject", "*")],
  ])("1 MB of %s", (_, statement) => {
    const count = Math.ceil(1_000_000 / JSON.stringify(statement).length);
    const document = JSON.stringify(
      policy(...Array.from({ length: count }, (_, i) => ({ ...statement, Sid: `S${i}` }))),
    );
    expect(secondsFor(document)).toBeLessThan(1);
  });

  test("patterns of nothing but asterisks, as long as a bucket policy allows", () => {
    expect(secondsFor(policy(allow(`s3:${"*".repeat(20_000)}a`, `arn:aws:s3:::${"*".repeat(20_000)}a`)))).toBeLessThan(
      1,
    );
  });

  test("fifty statements that allow everything", () => {
    expect(secondsFor(policy(...Array.from({ length: 50 }, () => allow("*", "*"))))).toBeLessThan(1);
  });

  /** CPU seconds of this process only, because other processes share the machine. */
  function secondsFor(document: unknown): number {
    const before = process.cpuUsage();
    findingsIn(document);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1_000_000;
  }
});
