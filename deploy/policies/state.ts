/** The bucket that holds Pulumi's state, with one prefix for each stack. */
import { bucketArn, type Stack, type Target } from "../target.ts";
import { type Document, document, type Statement } from "./document.ts";

/** Denies requests without TLS 1.2 or later, no matter who sends them. */
export function bucketPolicy(target: Target): Document {
  return document(
    denial(target, "OnlyTls", { Bool: { "aws:SecureTransport": "false" } }),
    denial(target, "OnlyTls12", { NumericLessThan: { "s3:TlsVersion": "1.2" } }),
  );
}

function denial(target: Target, sid: string, condition: NonNullable<Statement["Condition"]>): Statement {
  return {
    Sid: sid,
    Effect: "Deny",
    Principal: "*",
    Action: "s3:*",
    Resource: [bucketArn(target), `${bucketArn(target)}/*`],
    Condition: condition,
  };
}

/** Read access to a stack's state and to the caller's identity. */
export function readState(target: Target, stack: Stack): Document {
  return document(
    { Sid: "WhoIAm", Effect: "Allow", Action: "sts:GetCallerIdentity", Resource: "*" },
    listing(target, stack),
    objects(target, stack, ["s3:GetObject"]),
  );
}

/** Write access to a stack's state. Existing versions can't be deleted. */
export function writeState(target: Target, stack: Stack): Document {
  return document(listing(target, stack), objects(target, stack, ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]));
}

/** Permission to list a stack's objects. Without it, S3 answers that access is denied when an object is missing. */
function listing(target: Target, { name }: Stack): Statement {
  return {
    Sid: "StateList",
    Effect: "Allow",
    Action: "s3:ListBucket",
    Resource: bucketArn(target),
    Condition: { StringLike: { "s3:prefix": `${name}/*` } },
  };
}

function objects(target: Target, { name }: Stack, actions: string[]): Statement {
  return { Sid: "State", Effect: "Allow", Action: actions, Resource: `${bucketArn(target)}/${name}/*` };
}
