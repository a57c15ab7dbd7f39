/** Routes that require signed requests: `AWS_IAM`. */
import { isRefusal, signerOf } from "../endpoint/signature.ts";
import type { HttpBackend } from "./backend.ts";
import type { Admission, Guarded } from "./guarded.ts";
import { errorResponse } from "./response.ts";

export function admitSigner({ access, accountId }: HttpBackend, { http, place, methodArn }: Guarded): Admission {
  const isRest = place.api.kind === "REST";
  const refused = (why: string, message = why): Admission => ({
    refusal: errorResponse(403, isRest ? message : "Forbidden"),
    why,
  });
  const signer = signerOf(http.request, http.body, access.sessions, "execute-api");
  if (isRefusal(signer)) return refused(signer.message);
  const refusal = access.refusal(signer, "execute-api:Invoke", methodArn);
  if (refusal !== undefined) return refused("the signer may not invoke it", refusal);
  const { role, session } = signer;
  const userArn = `arn:aws:sts::${accountId}:assumed-role/${role.name}/${session}`;
  return { identity: { version1: {}, version2: { iam: { accountId, callerId: session, userArn } }, userArn } };
}
