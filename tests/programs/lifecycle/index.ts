import * as aws from "@pulumi/aws";
import { createFunction, serveRoutes } from "../resources";

// The local cloud does not know queues.
for (const name of ["letters", "parcels"]) new aws.sns.Topic(name, { name });

export const url = serveRoutes("lifecycle", {
  $disconnect: { target: createFunction("disconnect") },
  linger: { target: createFunction("linger", { timeout: 25 }) },
  $default: { target: createFunction("echo") },
});
