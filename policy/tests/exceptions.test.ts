import { describe, expect, test } from "vitest";
import { type Exception, exceptionFor } from "../pack/exceptions.ts";
import { registered, role } from "./stackRules/resources.ts";

const resource = registered(role("app"));
const NOW = new Date("2027-01-31T12:00:00Z");
const exception = (resource: string, until: string): Exception => ({ resource, reason: "a migration", until });
const said = (...exceptions: Exception[]) => exceptionFor(resource, exceptions, NOW);

describe("an exception", () => {
  test.each([
    ["by the resource's name", exception("app", "2027-12-31")],
    ["by its URN", exception(resource.urn, "2027-12-31")],
    ["on its last day", exception("app", "2027-01-31")],
  ])("holds %s", (_, one) => {
    expect(said(one)).toEqual({ exception: one, hasExpired: false });
  });

  test("has ended on the day after its last", () => {
    const one = exception("app", "2027-01-30");
    expect(said(one)).toEqual({ exception: one, hasExpired: true });
  });

  test("ends with its last day in UTC, wherever the machine is", () => {
    const one = exception("app", "2027-01-31");
    expect(exceptionFor(resource, [one], new Date("2027-01-31T23:59:59.999Z"))?.hasExpired).toBe(false);
    expect(exceptionFor(resource, [one], new Date("2027-02-01T00:00:00Z"))?.hasExpired).toBe(true);
  });

  test("that holds is taken before one that has ended, in either order", () => {
    const [ended, holding] = [exception("app", "2026-01-01"), exception(resource.urn, "2027-12-31")];
    for (const both of [
      [ended, holding],
      [holding, ended],
    ])
      expect(said(...both)).toEqual({ exception: holding, hasExpired: false });
  });

  test.each(["App", "app-2", "ap", "", "*", "urn:pulumi:dev::test::aws:iam/role:Role::app-2"])(
    "for %j is another resource's",
    (name) => {
      expect(said(exception(name, "2027-12-31"))).toBeUndefined();
    },
  );

  test("is none where none is configured", () => {
    expect(said()).toBeUndefined();
    expect(exceptionFor(resource, undefined, NOW)).toBeUndefined();
  });
});
