/**
 * Tests the operators of EventBridge's event patterns.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */
import { expect, it } from "vitest";
import { matches, parsePattern } from "../../local/eventBus/pattern.ts";

const EVENT = {
  source: "shop",
  detail: {
    state: "Paid",
    total: 10,
    tags: ["new", "big"],
    ip: "10.0.1.7",
    ip6: "2001:db8::7",
    empty: null,
    buyer: { name: "Kim" },
  },
};

it.each<[matching: unknown, other: unknown]>([
  [{ source: ["shop", "store"] }, { source: ["store"] }],
  [{ detail: { tags: ["big"] } }, { detail: { tags: ["small"] } }],
  [{ detail: { empty: [null] } }, { detail: { state: [null] } }],
  [{ detail: { total: [10] } }, { detail: { total: ["10"] } }],
  [{ detail: { state: [{ prefix: "Pa" }] } }, { detail: { state: [{ prefix: "pa" }] } }],
  [
    { detail: { state: [{ prefix: { "equals-ignore-case": "pa" } }] } },
    { source: [{ prefix: { "equals-ignore-case": "x" } }] },
  ],
  [{ detail: { state: [{ suffix: "id" }] } }, { detail: { state: [{ suffix: "ID" }] } }],
  [{ detail: { state: [{ "equals-ignore-case": "PAID" }] } }, { detail: { state: [{ "equals-ignore-case": "PAY" }] } }],
  [{ detail: { state: [{ wildcard: "P*d" }] } }, { detail: { state: [{ wildcard: "P*x" }] } }],
  [{ detail: { ip: [{ cidr: "10.0.1.0/24" }] } }, { detail: { ip: [{ cidr: "10.0.2.0/24" }] } }],
  [{ detail: { ip6: [{ cidr: "2001:db8::/32" }] } }, { detail: { ip6: [{ cidr: "2001:db9::/32" }] } }],
  [{ detail: { ip: [{ cidr: "10.0.1.7" }] } }, { detail: { ip: [{ cidr: "2001:db8::/32" }] } }],
  [{ detail: { total: [{ numeric: [">", 5, "<=", 10] }] } }, { detail: { total: [{ numeric: [">", 5, "<", 10] }] } }],
  [{ detail: { buyer: { name: [{ exists: true }] } } }, { detail: { state: [{ exists: false }] } }],
  [{ detail: { missing: [{ exists: false }] } }, { detail: { missing: [{ exists: true }] } }],
  [{ source: [{ "anything-but": ["store"] }] }, { source: [{ "anything-but": "shop" }] }],
  [{ source: [{ "anything-but": { prefix: "st" } }] }, { source: [{ "anything-but": { prefix: ["st", "sh"] } }] }],
  [
    { detail: { $or: [{ total: [1] }, { state: ["Paid"] }] } },
    { detail: { $or: [{ total: [1] }, { state: ["Due"] }] } },
  ],
  [
    { source: ["shop"], detail: { total: [10] } },
    { source: ["shop"], detail: { total: [11] } },
  ],
  [{ detail: { tags: [{ prefix: "n" }] } }, { detail: { constructor: [{ exists: true }] } }],
])("%j matches, and %j doesn't", (matching, other) => {
  expect(matches(parsePattern(JSON.stringify(matching)), EVENT)).toBe(true);
  expect(matches(parsePattern(JSON.stringify(other)), EVENT)).toBe(false);
});

it.each([
  "not JSON",
  "[]",
  '{"source":"shop"}',
  '{"source":[{"begins-with":"s"}]}',
  '{"source":[{"prefix":"a","suffix":"b"}]}',
])("%s is refused", (text) => {
  expect(() => parsePattern(text)).toThrow("InvalidEventPatternException");
});
