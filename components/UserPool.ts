import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { resourceName } from "./names";
import { placeOf } from "./place";
import { type TaggedArgs, tagsOf } from "./tags";

/** Arguments of `UserPool`. */
export interface UserPoolArgs extends TaggedArgs {
  /** Refuse to delete the pool and its users. @default false */
  protect?: boolean;
}

/** Arguments of `createClient`. */
export interface UserPoolClientArgs {
  /** Origins of the pages that users sign in from. Signing in and signing out redirect to their root. */
  origins: pulumi.Input<string>[];
}

/** A Cognito user pool with self-service sign-up, and a hosted sign-in page for web pages. */
export class UserPool extends pulumi.ComponentResource {
  /** Issuer: the `iss` claim of its tokens. */
  readonly issuer: pulumi.Output<string>;
  /** URL of the sign-in page: an OAuth 2.0 server that supports the authorization code flow with PKCE. */
  readonly signInUrl: pulumi.Output<string>;
  readonly #name: string;
  readonly #pool: aws.cognito.UserPool;

  constructor(name: string, args: UserPoolArgs, opts?: pulumi.ComponentResourceOptions) {
    super("chat:index:UserPool", name, args, opts);
    const { protect = false } = args;
    this.#name = name;
    const { accountId, region } = placeOf(opts);
    this.#pool = new aws.cognito.UserPool(
      name,
      {
        name: resourceName(name),
        usernameAttributes: ["email"],
        autoVerifiedAttributes: ["email"],
        // The sign-up page asks for required attributes. Cognito can't add another one to an existing pool.
        schemas: [
          {
            name: "name",
            attributeDataType: "String",
            required: true,
            mutable: true,
            stringAttributeConstraints: { minLength: "1", maxLength: "128" },
          },
        ],
        deletionProtection: protect ? "ACTIVE" : "INACTIVE",
        tags: tagsOf(args),
      },
      { parent: this, protect },
    );
    // Domain prefixes must be unique across all accounts in a Region, so this one contains the account.
    const domain = new aws.cognito.UserPoolDomain(
      name,
      { domain: pulumi.interpolate`${resourceName(name)}-${accountId}`, userPoolId: this.#pool.id },
      { parent: this },
    );
    this.issuer = pulumi.interpolate`https://${this.#pool.endpoint}`;
    this.signInUrl = pulumi.interpolate`https://${domain.domain}.auth.${region}.amazoncognito.com`;
    this.registerOutputs({ issuer: this.issuer, signInUrl: this.signInUrl });
  }

  /**
   * Creates the client that pages use to sign users in. It uses authorization codes with PKCE and has no secret. It is
   * created separately because the pages' security policy needs the pool, and the client needs the pages' origins.
   *
   * @returns the client's id, which is the `aud` claim of its ID tokens
   */
  createClient({ origins }: UserPoolClientArgs): pulumi.Output<string> {
    const roots = origins.map((origin) => pulumi.interpolate`${origin}/`);
    return new aws.cognito.UserPoolClient(
      this.#name,
      {
        name: resourceName(this.#name),
        userPoolId: this.#pool.id,
        generateSecret: false,
        supportedIdentityProviders: ["COGNITO"],
        allowedOauthFlowsUserPoolClient: true,
        allowedOauthFlows: ["code"],
        allowedOauthScopes: ["openid", "email", "profile"],
        // Cognito requires at least one URL, and accepts plain http for localhost only.
        callbackUrls: origins.length > 0 ? [...origins, ...roots] : ["http://localhost"],
        logoutUrls: roots,
        preventUserExistenceErrors: "ENABLED",
      },
      { parent: this },
    ).id;
  }
}
