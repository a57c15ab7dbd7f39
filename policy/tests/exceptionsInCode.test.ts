import { expect, test } from "vitest";
import { EXCEPTION_TYPE, exceptionIn } from "../exceptionsInCode.ts";
import { registered } from "./resources.ts";

const GIVEN = { rule: "public-principal", reason: "a website", until: "2027-06-30" };
const within = (props: Record<string, unknown>, type = EXCEPTION_TYPE) =>
  exceptionIn(registered({ type, name: "site-public-principal", props }));

test("the exception of a resource has the resource's name and type", () => {
  const place = { resource: "site", type: "aws:s3/bucketPolicy:BucketPolicy" };
  expect(within({ ...GIVEN, ...place, statement: "Read" })).toEqual({ ...GIVEN, ...place, statement: "Read" });
});

test("the exception of a component covers the resources in it", () => {
  expect(within({ ...GIVEN, resource: "site", type: "team:index:Site" })).toEqual({ ...GIVEN, parent: "site" });
});

test("a resource of another type doesn't count as an exception", () => {
  expect(within(GIVEN, "team:index:Exception")).toBeUndefined();
});

test.each([
  [
    "no reason",
    { reason: "" },
    'the exception site-public-principal has no "reason"; give it "rule", "reason" and "until"',
  ],
  ["a date in words", { until: "soon" }, 'has "until" set to "soon"; write the last day as a date such as 2027-01-31'],
])("%s is rejected", (_, more, message) => {
  expect(() => within({ ...GIVEN, ...more })).toThrow(message);
});
