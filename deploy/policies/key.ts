import { ciRoleArn, deployRole, iamArn, type Place, previewRole, type Stack } from "../place.ts";
import { type Document, document } from "./document.ts";

/**
 * Who may use the key of a stack's secrets. It names the roles itself: no policy of theirs gives a right to any key, so
 * a role that is not named here decrypts nothing.
 */
export function keyPolicy(place: Place, stack: Stack): Document {
  const roles = [deployRole(place, stack), ...(stack.isDevelopment ? [previewRole(place)] : [])];
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
      Action: "kms:Decrypt",
      Resource: "*",
    },
  );
}
