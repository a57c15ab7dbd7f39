/** The bucket that holds Pulumi's state, with one prefix for each stack. */
import { bucketArn, type Place, type Stack } from "../place.ts";
import { type Document, document, type Statement } from "./document.ts";

/** Denies requests without TLS, no matter who sends them. */
export function bucketPolicy(place: Place): Document {
  return document(
    denial(place, "OnlyTls", { Bool: { "aws:SecureTransport": "false" } }),
    denial(place, "OnlyTls12", { NumericLessThan: { "s3:TlsVersion": "1.2" } }),
  );
}

function denial(place: Place, sid: string, condition: NonNullable<Statement["Condition"]>): Statement {
  return {
    Sid: sid,
    Effect: "Deny",
    Principal: "*",
    Action: "s3:*",
    Resource: [bucketArn(place), `${bucketArn(place)}/*`],
    Condition: condition,
  };
}

/** Read access to a stack's state and to the caller's identity. */
export function readState(place: Place, stack: Stack): Document {
  return document(
    { Sid: "WhoIAm", Effect: "Allow", Action: "sts:GetCallerIdentity", Resource: "*" },
    listing(place, stack),
    objects(place, stack, ["s3:GetObject"]),
  );
}

/** Write access to a stack's state. Existing versions can't be deleted. */
export function writeState(place: Place, stack: Stack): Document {
  return document(listing(place, stack), objects(place, stack, ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]));
}

/** S3 requires this, with the object's key as prefix, to report that an object doesn't exist. */
function listing(place: Place, { name }: Stack): Statement {
  return {
    Sid: "StateList",
    Effect: "Allow",
    Action: "s3:ListBucket",
    Resource: bucketArn(place),
    Condition: { StringLike: { "s3:prefix": `${name}/*` } },
  };
}

function objects(place: Place, { name }: Stack, actions: string[]): Statement {
  return { Sid: "State", Effect: "Allow", Action: actions, Resource: `${bucketArn(place)}/${name}/*` };
}
