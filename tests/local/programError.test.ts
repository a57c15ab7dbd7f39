/** Tests how the local cloud shows the errors of programs that Pulumi's runner logs. */
import { expect, it } from "vitest";
import { programError } from "../../local/engine/programError.ts";

const FAILED = "Running program '/app/' failed with an unhandled exception:";
const OWN = "    at Object.<anonymous> (/app/index.ts:11:20)";
const NODES = "    at Module._compile (node:internal/modules/cjs/loader:1804:14)";

it("a program's errors are shown without the frames of other code, and without the promise that carried them", () => {
  const logged = [
    FAILED,
    "<ref *1> Error: no coffee",
    OWN,
    `${NODES} {`,
    "  promise: Promise { <rejected> [Circular *1] }",
    "}",
  ];
  expect(programError(logged.join("\n"))).toBe([FAILED, "Error: no coffee", OWN].join("\n"));
});

it("a program's errors keep their own properties", () => {
  const logged = [
    FAILED,
    "Error: ENOENT: no such file",
    OWN,
    NODES,
    `${NODES} {`,
    "  code: 'ENOENT',",
    "  path: 'x'",
    "}",
  ];
  expect(programError(logged.join("\n"))).toBe(
    [FAILED, "Error: ENOENT: no such file", `${OWN} {`, "  code: 'ENOENT',", "  path: 'x'", "}"].join("\n"),
  );
});

it("a program's errors name the resource that failed, not the chain of resources that depend on it", () => {
  const logged =
    'Error: error serializing property "function": error serializing property "role": failed to register new resource ' +
    "worker [aws:iam/role:Role]: 2 UNKNOWN: MalformedPolicyDocument: there is no statement";
  expect(programError(logged)).toBe(
    "Error: failed to register new resource worker [aws:iam/role:Role]: MalformedPolicyDocument: there is no statement",
  );
});
