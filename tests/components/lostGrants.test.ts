import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type LostGrant, lostGrants } from "../../components/lostGrants.ts";

interface Statement {
  Sid?: string;
  Effect: "Allow";
  Action: string | string[];
  Resource: string | string[];
}

const policy = (...Statement: object[]) => JSON.stringify({ Version: "2012-10-17", Statement });
const table = (name: string) => `arn:aws:dynamodb:eu-central-1:123456789012:table/${name}`;
const allow = (Action: string | string[], Resource: string | string[], Sid?: string): Statement => ({
  ...(Sid === undefined ? {} : { Sid }),
  Effect: "Allow",
  Action,
  Resource,
});

describe("a policy loses", () => {
  test("an action", () => {
    const before = policy(allow(["dynamodb:GetItem", "dynamodb:Query"], table("a")));
    expect(lostGrants(before, policy(allow("dynamodb:GetItem", table("a"))))).toEqual([
      { action: "dynamodb:Query", resource: table("a") },
    ]);
  });

  test("a resource", () => {
    const before = policy(allow(["dynamodb:GetItem"], [table("a"), table("b")]));
    expect(lostGrants(before, policy(allow(["dynamodb:GetItem"], table("b"))))).toEqual([
      { action: "dynamodb:GetItem", resource: table("a") },
    ]);
  });

  test("a statement", () => {
    const kept = allow("dynamodb:GetItem", table("a"));
    const gone = allow(["sqs:SendMessage", "sqs:GetQueueUrl"], "arn:aws:sqs:eu-central-1:123456789012:q");
    expect(lostGrants(policy(kept, gone), policy(kept)).map(({ action }) => action)).toEqual(gone.Action);
  });

  test("what a wildcard allowed, once there is no wildcard", () => {
    const before = policy(allow("dynamodb:*", table("*")));
    expect(lostGrants(before, policy(allow("dynamodb:GetItem", table("a"))))).toEqual([
      { action: "dynamodb:*", resource: table("*") },
    ]);
  });

  test("a grant that now has a condition", () => {
    const grant = allow("dynamodb:GetItem", table("a"));
    const Condition = { StringEquals: { "aws:SourceVpc": "vpc-1" } };
    expect(lostGrants(policy(grant), policy({ ...grant, Condition }))).toHaveLength(1);
  });

  test("nothing of statements that components don't write", () => {
    const grant = allow("dynamodb:GetItem", table("a"));
    const denied = { ...grant, Effect: "Deny" };
    expect(lostGrants(policy(denied, { Effect: "Allow", NotAction: "s3:*", Resource: "*" }), policy(grant))).toEqual(
      [],
    );
  });
});

describe("a policy loses nothing", () => {
  test("when a wildcard takes the place of what it covers", () => {
    const before = policy(allow("dynamodb:GetItem", table("a")));
    expect(lostGrants(before, policy(allow("dynamodb:Get*", table("?"))))).toEqual([]);
    expect(lostGrants(before, policy(allow("*", "*")))).toEqual([]);
    expect(lostGrants(policy(allow("dynamodb:Get*", "*")), policy(allow("dynamodb:*", "*")))).toEqual([]);
  });

  test("when only the case of an action changes", () => {
    const [before, after] = ["dynamodb:GetItem", "dynamodb:getitem"].map((action) => policy(allow(action, "*")));
    expect(lostGrants(before, after)).toEqual([]);
  });

  test.each([
    ["not a document", "04da6b54-80e4-46f7-96ec-b56ff0331ba9"],
    ["missing", undefined],
    ["an unknown value", {}],
    ["a list", "[]"],
  ])("when one of the documents is %s", (_, unknown) => {
    const known = policy(allow("dynamodb:GetItem", "*"));
    expect(lostGrants(known, unknown)).toEqual([]);
    expect(lostGrants(unknown, known)).toEqual([]);
  });
});

describe("whatever the policies are", () => {
  const action = fc.constantFrom("dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "sqs:SendMessage");
  const resource = fc.constantFrom(table("a"), table("b"), table("a.b"), `${table("a")}/index/by(name)+`);
  const some = <Value>(value: fc.Arbitrary<Value>) => fc.uniqueArray(value, { minLength: 1, maxLength: 3 });
  const statement = fc
    .record({ actions: some(action), resources: some(resource), sid: fc.option(fc.string(), { nil: undefined }) })
    .map(({ actions, resources, sid }) => allow(actions, resources, sid));
  const statements = fc.array(statement, { maxLength: 5 });

  /** Every grant of the statements, in no order. */
  const grantsOf = (all: Statement[]): Set<string> =>
    new Set(
      all.flatMap(({ Action, Resource }) => [Action].flat().flatMap((a) => [Resource].flat().map((r) => `${a} ${r}`))),
    );
  const named = (lost: LostGrant[]) => new Set(lost.map(({ action, resource }) => `${action} ${resource}`));

  test("exactly the grants that the later one lacks are lost, each once", () => {
    fc.assert(
      fc.property(statements, statements, (before, after) => {
        const lost = lostGrants(policy(...before), policy(...after));
        const left = grantsOf(after);
        expect(named(lost)).toEqual(new Set([...grantsOf(before)].filter((grant) => !left.has(grant))));
        expect(lost).toHaveLength(named(lost).size);
      }),
    );
  });

  test("the same grants in a different order, form, or division into statements, with different Sids, lose nothing", () => {
    const rewritten = statements.chain((before) => {
      const single = [...grantsOf(before)].map((grant) => grant.split(" ") as [string, string]);
      return fc
        .tuple(
          fc.shuffledSubarray(single, { minLength: single.length }),
          fc.array(fc.boolean(), { minLength: single.length, maxLength: single.length }),
          fc.integer({ min: 0, max: 4 }),
        )
        .map(([order, asList, space]) => {
          const Statement = order.map(([a, r], i) => ({
            Resource: asList[i] ? [r] : r,
            Action: a,
            Effect: "Allow",
            Sid: `S${i}`,
          }));
          return { before, after: JSON.stringify({ Statement, Version: "2012-10-17" }, undefined, space) };
        });
    });
    fc.assert(
      fc.property(rewritten, ({ before, after }) => {
        expect(lostGrants(policy(...before), after)).toEqual([]);
      }),
    );
  });

  test("grants that are only added lose nothing", () => {
    const grown = fc
      .tuple(statements, statements)
      .chain(([before, added]) =>
        fc
          .shuffledSubarray([...before, ...added], { minLength: before.length + added.length })
          .map((after) => ({ before, after })),
      );
    fc.assert(
      fc.property(grown, ({ before, after }) => {
        expect(lostGrants(policy(...before), policy(...after))).toEqual([]);
      }),
    );
  });
});
