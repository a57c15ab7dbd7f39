import * as aws from "@pulumi/aws";
import { createFunction, serveRoutes } from "../resources";

// A type that the local cloud does not know.
for (const name of ["letters", "parcels"]) new aws.kinesis.Stream(name, { name, shardCount: 1 });

export const url = serveRoutes("lifecycle", {
  $disconnect: { target: createFunction("disconnect") },
  linger: { target: createFunction("linger", { timeout: 25 }) },
  $default: { target: createFunction("echo") },
});
