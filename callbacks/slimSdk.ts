/** Removes from a bundle the parts of the AWS SDK that Lambda doesn't need. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Plugin } from "esbuild";

/** Modules of the SDK, and what stands in for them, in this folder. */
export const STAND_INS: Record<string, string> = {
  // On Lambda the credentials stand in the environment; the default chain is 120 KB of other places to look.
  "@aws-sdk/credential-provider-node": "environmentCredentials.ts",
  "@aws-sdk/middleware-endpoint-discovery": "noEndpointDiscovery.ts",
  "@smithy/core/event-streams": "noEventStreams.ts",
};

/** @param folder this one, where the stand-ins are */
export const slimSdk = (folder: string): Plugin => ({
  name: "slim-sdk",
  setup(build) {
    const names = Object.keys(STAND_INS).join("|");
    build.onResolve({ filter: new RegExp(`^(${names})$`) }, ({ path }) => ({
      path: join(folder, STAND_INS[path] as string),
    }));
    // A client reads its version from here, and would bring the whole file with it.
    build.onLoad({ filter: /[\\/]@aws-sdk[\\/]client-[\w-]+[\\/]package\.json$/ }, async ({ path }) => {
      const { version } = JSON.parse(await readFile(path, "utf8"));
      return { contents: JSON.stringify({ version }), loader: "json" };
    });
  },
});
