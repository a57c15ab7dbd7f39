import { ciRoleArn, deployRole, iamArn, type Place, planRole, previewRole, type Stack } from "../place.ts";
import { type Document, document } from "./document.ts";

/**
 * Policy of the key for a stack's secrets. It names the roles itself: no identity policy allows the use of any key, so
 * a role that isn't named here can't decrypt anything.
 */
export function keyPolicy(place: Place, stack: Stack): Document {
  const roles = [
    deployRole(place, stack),
    ...(stack.isForPullRequests ? [] : [planRole(place, stack)]),
    ...(stack.isDevelopment ? [previewRole(place)] : []),
  ];
  return document(
    {
      Sid: "Account",
      Effect: "Allow",
      Principal: { AWS: iamArn(place, "root") },
      Action: "kms:*",
      Resource: "*",
    },
    {
      Sid: "Secrets",
      Effect: "Allow",
      Principal: { AWS: roles.map((role) => ciRoleArn(place, role)) },
      // Stacks of pull requests come and go. Each creates its own data key, which this key encrypts.
      Action: stack.isForPullRequests ? ["kms:Decrypt", "kms:Encrypt"] : "kms:Decrypt",
      Resource: "*",
    },
  );
}
