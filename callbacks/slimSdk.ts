/** Removes from a bundle the parts of the AWS SDK that Lambda doesn't need. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Plugin } from "esbuild";

/** Replacements, in this folder, for modules of the SDK. */
export const STAND_INS: Record<string, string> = {
  // On Lambda the credentials are in environment variables; the default chain is 120 KB of code for other sources.
  "@aws-sdk/credential-provider-node": "environmentCredentials.ts",
  "@aws-sdk/middleware-endpoint-discovery": "noEndpointDiscovery.ts",
  "@smithy/core/event-streams": "noEventStreams.ts",
};

/** @param folder path of this folder, which contains the replacements */
export const slimSdk = (folder: string): Plugin => ({
  name: "slim-sdk",
  setup(build) {
    const names = Object.keys(STAND_INS).join("|");
    build.onResolve({ filter: new RegExp(`^(${names})$`) }, ({ path }) => ({
      path: join(folder, STAND_INS[path] as string),
    }));
    // A client needs only the version from its package.json, but would otherwise include the whole file.
    build.onLoad({ filter: /[\\/]@aws-sdk[\\/]client-[\w-]+[\\/]package\.json$/ }, async ({ path }) => {
      const { version } = JSON.parse(await readFile(path, "utf8"));
      return { contents: JSON.stringify({ version }), loader: "json" };
    });
  },
});
