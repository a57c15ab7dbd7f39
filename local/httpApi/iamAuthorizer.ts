/** Routes that require signed requests: `AWS_IAM`. */
import { isRefusal, signerOf } from "../endpoint/signature.ts";
import type { Caller } from "../identity/role.ts";
import type { HttpBackend } from "./backend.ts";
import type { Admission, Guarded } from "./guarded.ts";
import { errorResponse } from "./response.ts";

export function admitSigner(backend: HttpBackend, { http, place, methodArn }: Guarded): Admission {
  const { access, accountId } = backend;
  const { api } = place;
  const isRest = api.kind === "REST";
  const isUrl = api.kind === "URL";
  const refused = (why: string, message = why): Admission => ({
    refusal: errorResponse(403, isRest ? message : "Forbidden"),
    why,
  });
  const signer = signerOf(http.request, http.body, access.sessions, isUrl ? "lambda" : "execute-api");
  if (isRefusal(signer)) return refused(signer.message);
  const context = { "aws:SourceIp": `${http.request.socket.remoteAddress}` };
  const policies = api.policy === undefined ? [] : [api.policy];
  const refusal = isUrl
    ? urlRefusal(backend, signer, api.name)
    : access.refusal(signer, "execute-api:Invoke", methodArn, context, policies);
  if (refusal !== undefined) return refused("the signer isn't allowed to invoke the route", refusal);
  const { role, session } = signer;
  const userArn = `arn:aws:sts::${accountId}:assumed-role/${role.name}/${session}`;
  return { identity: { version1: {}, version2: { iam: { accountId, callerId: session, userArn } }, userArn } };
}

/** https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html */
function urlRefusal(backend: HttpBackend, signer: Caller, name: string): string | undefined {
  const context = { "lambda:FunctionUrlAuthType": "AWS_IAM" };
  const permissions = [...(backend.functions.get(name)?.permissions.values() ?? [])];
  const arn = backend.arnOf("lambda", `function:${name}`);
  return backend.access.refusal(signer, "lambda:InvokeFunctionUrl", arn, context, permissions);
}
