import { describe, expect, test } from "vitest";
import { afterExceptions, type Exception, exceptionFor, expiredUnused } from "../pack/exceptions.ts";
import { registered, role, rolePolicy } from "./resources.ts";

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

describe("what is found at a resource", () => {
  const reported = (...exceptions: Exception[]) => afterExceptions(["too wide"], resource, exceptions, NOW);

  test("is told where no exception is for it", () => {
    expect(reported(exception("other", "2027-12-31"))).toEqual(["too wide"]);
  });

  test("is not told while an exception holds", () => {
    expect(reported(exception("app", "2027-12-31"))).toEqual([]);
  });

  test("is told again after an exception, which is told as well", () => {
    expect(reported(exception("app", "2027-01-30"))).toEqual([
      "the exception for app (a migration) ended on 2027-01-30: mend it, or say until when it goes on",
      "too wide",
    ]);
  });
});

describe("an exception that has ended, for what has been mended", () => {
  const ended = exception("app", "2027-01-30");
  const message =
    "the exception for app (a migration) ended on 2027-01-30, and nothing is found there: take it out of the configuration";

  test("is told by itself", () => {
    expect(expiredUnused([ended], [resource], NOW)).toEqual([{ resource, message }]);
    expect(afterExceptions([], resource, [ended], NOW)).toEqual([]);
  });

  test("is told once, though several resources have the name", () => {
    expect(expiredUnused([ended], [resource, registered(rolePolicy("app", "app"))], NOW)).toEqual([
      { resource, message },
    ]);
  });

  test.each([
    ["holds still", [exception("app", "2027-01-31")]],
    ["goes on by another", [ended, exception("app", "2027-12-31")]],
    ["is another resource's", [exception("other", "2027-01-30")]],
  ])("is not told where it %s", (_, exceptions) => {
    expect(expiredUnused(exceptions, [resource], NOW)).toEqual([]);
  });
});
