import { ciRoleArn, deployRole, iamArn, type Place, planRole, previewRole, type Stack } from "../place.ts";
import { type Document, document } from "./document.ts";

/**
 * Policy of the key for a stack's secrets. It names the roles itself: no role has a policy for any key, so a role that
 * isn't named here decrypts nothing.
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
      // Stacks of pull requests come and go: each begins with a data key of its own, which this key encrypts.
      Action: stack.isForPullRequests ? ["kms:Decrypt", "kms:Encrypt"] : "kms:Decrypt",
      Resource: "*",
    },
  );
}
