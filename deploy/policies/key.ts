import { ciRoleArn, deployRole, iamArn, planRole, previewRole, type Stack, type Target } from "../target.ts";
import { type Document, document } from "./document.ts";

/**
 * Policy of the key for a stack's secrets. It has to name the roles, because none of our identity policies allows the
 * use of a key: a role that isn't named here can't decrypt anything.
 */
export function keyPolicy(target: Target, stack: Stack): Document {
  const roles = [
    deployRole(target, stack),
    ...(stack.isForPullRequests ? [] : [planRole(target, stack)]),
    ...(stack.isDevelopment ? [previewRole(target)] : []),
  ];
  return document(
    {
      Sid: "Account",
      Effect: "Allow",
      Principal: { AWS: iamArn(target, "root") },
      Action: "kms:*",
      Resource: "*",
    },
    {
      Sid: "Secrets",
      Effect: "Allow",
      Principal: { AWS: roles.map((role) => ciRoleArn(target, role)) },
      // Stacks of pull requests come and go. Each creates its own data key, which this key encrypts.
      Action: stack.isForPullRequests ? ["kms:Decrypt", "kms:Encrypt"] : "kms:Decrypt",
      Resource: "*",
    },
  );
}
