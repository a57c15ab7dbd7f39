/** Tests that settings are checked against the schema, which only the engine would do otherwise. */
import { expect, test } from "vitest";
import { RULES } from "../rules.ts";
import { checkSettings, type Settings } from "../settings.ts";

const check = (settings: unknown) =>
  checkSettings(
    settings as Settings,
    RULES.map(({ id }) => id),
  );
const EXCEPTION = { rule: "shared-role", reason: "one program", until: "2027-01-31" };

test.each([
  ["text in place of the settings", "strict", 'settings is "strict"; it must be an object'],
  ["null in place of the settings", null, "settings is null; it must be an object"],
  [
    "an exception without a reason",
    { exceptions: [{ rule: "shared-role", until: "2027-01-31" }] },
    "settings.exceptions[0].reason is missing",
  ],
  [
    "an exception without an end",
    { exceptions: [EXCEPTION, { rule: "shared-role", reason: "one program" }] },
    "settings.exceptions[1].until is missing",
  ],
  [
    "an end in words",
    { exceptions: [{ ...EXCEPTION, until: "soon" }] },
    'settings.exceptions[0].until is "soon"; it must be a day such as 2027-01-31',
  ],
  [
    "a misspelled key of an exception",
    { exceptions: [{ ...EXCEPTION, resources: "a" }] },
    'settings.exceptions[0].resources is "a", but there is no such key; use rule, resource,',
  ],
  ["text as exceptions", { exceptions: "all" }, 'settings.exceptions is "all"; it must be a list of exceptions'],
  [
    "text as a list of accounts",
    { trustedAccounts: "111122223333" },
    'settings.trustedAccounts is "111122223333"; it must be a list of accounts',
  ],
  [
    "an account that is a number",
    { trustedAccounts: [111122223333] },
    "settings.trustedAccounts[0] is 111122223333; it must be text of 12 digits",
  ],
  ["a preset that is a number", { preset: 5 }, "settings.preset is 5; it must be one of recommended, strict, audit"],
  ["an inherited name as a preset", { preset: "toString" }, 'the preset "toString", which doesn\'t exist'],
  ["a list of levels", { levels: [] }, "settings.levels is []; it must be an object with a level for each rule"],
  ["a report in an unknown format", { reports: { html: "/a" } }, "settings.reports.html"],
])("the settings can't have %s", (_, settings, message) => {
  expect(() => check(settings)).toThrow(message);
});

test("settings that follow the schema are accepted", () => {
  check({ preset: "strict", trustedAccounts: ["111122223333"], exceptions: [EXCEPTION], region: undefined });
});
