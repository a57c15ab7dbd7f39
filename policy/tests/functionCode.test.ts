/** Tests that functions' code is read from every kind of asset and archive. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { strToU8, zipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { codeOf, unreadCode } from "../code/functionCode.ts";
import { locate } from "../pack/programFolder.ts";
import { UNKNOWN } from "../resources/unknown.ts";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "function-code-"));
  for (const name of ["app/lib", "app/node_modules/sdk", "program/src/deep"])
    mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, "app/index.js"), "one");
  writeFileSync(join(folder, "app/lib/two.mjs"), "two");
  writeFileSync(join(folder, "app/node_modules/sdk/index.js"), "the SDK");
  writeFileSync(join(folder, "app/page.html"), "a page");
  writeFileSync(
    join(folder, "app.zip"),
    zipSync({
      "index.js": strToU8("one"),
      "lib/two.mjs": strToU8("two"),
      "node_modules/sdk/index.js": strToU8("the SDK"),
    }),
  );
  writeFileSync(join(folder, "broken.zip"), "no zip file");
  writeFileSync(join(folder, "app.tar.gz"), "");
  writeFileSync(join(folder, "program/Pulumi.yaml"), "name: orders\nmain: src/\n");
  writeFileSync(join(folder, "program/src/index.js"), "");
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("code is read", () => {
  const file = (name: string) => ({ path: join(folder, name) });
  test.each([
    ["from text", () => ({ assets: { "index.js": { text: "one" }, "lib/two.mjs": { text: "two" } } })],
    ["from files", () => ({ assets: { "index.js": file("app/index.js"), "two.mjs": file("app/lib/two.mjs") } })],
    ["from a folder", () => file("app")],
    ["from a .zip file", () => file("app.zip")],
    ["from a folder in an archive", () => ({ assets: { src: file("app"), "page.html": file("app/page.html") } })],
    ["from a .zip file in an archive", () => ({ assets: { src: file("app.zip") } })],
    [
      "from an archive in an archive, excluding installed packages",
      () => ({
        assets: {
          app: { assets: { "index.js": { text: "one" }, "two.js": { text: "two" } } },
          "node_modules/sdk": file("app"),
        },
      }),
    ],
  ])("%s", (_, code) => {
    const props = { runtime: "nodejs24.x", code: code() };
    expect(codeOf(props)?.toSorted()).toEqual(["one", "two"]);
    expect(unreadCode(props)).toBeUndefined();
  });
});

describe("unreadable code is reported", () => {
  test.each<[string, () => Record<string, unknown>, RegExp]>([
    ["an image", () => ({ packageType: "Image", imageUri: "app" }), /^it is a container image$/],
    ["another language", () => ({ runtime: "python3.13", code: { path: folder } }), /^its runtime is python3\.13/],
    ["a bucket", () => ({ s3Bucket: UNKNOWN, s3Key: "app.zip" }), /^it is in a bucket$/],
    ["unknown code", () => ({ code: UNKNOWN }), /^it isn't known before the update$/],
    ["a missing folder", () => ({ code: { path: "nowhere" } }), /^there is no nowhere: run Pulumi in the program/],
    [
      "one missing file among others",
      () => ({ code: { assets: { "index.js": { text: "one" }, "two.js": { path: "two.js" } } } }),
      /^there is no two\.js/,
    ],
    ["a remote archive", () => ({ code: { uri: "https://example.com/app.zip" } }), /^the engine fetches it from https/],
    ["a broken .zip file", () => ({ code: { path: join(folder, "broken.zip") } }), /isn't a \.zip file/],
    ["another archive", () => ({ code: { path: join(folder, "app.tar.gz") } }), /neither a folder nor a \.zip file$/],
    ["no script", () => ({ code: { assets: { "page.html": { text: "a page" } } } }), /^it has no JavaScript file$/],
  ])("%s", (_, props, reason) => {
    const all = { runtime: "nodejs24.x", ...props() };
    expect(codeOf(all)).toBeUndefined();
    expect(unreadCode(all)).toMatch(reason);
  });

  test("but nothing is reported for a function without code", () => {
    expect(unreadCode({ runtime: "nodejs24.x" })).toBeUndefined();
  });
});

describe("a relative path of the program", () => {
  test("is resolved from its entry point's folder, wherever in the project Pulumi was started", () => {
    const found = join(folder, "program/src/index.js");
    expect(locate("index.js", "orders", [join(folder, "program/src/deep")])).toBe(found);
    expect(locate("index.js", "orders", [tmpdir(), join(folder, "program")])).toBe(found);
    expect(locate(found, "orders", [tmpdir()])).toBe(found);
  });

  test("stays as it is if no such file exists or the program belongs to another project", () => {
    expect(locate("missing.js", "orders", [join(folder, "program")])).toBe("missing.js");
    expect(locate("index.js", "invoices", [join(folder, "program")])).toBe("index.js");
  });
});
