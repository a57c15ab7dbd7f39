import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { resourceName } from "./names";
import { placeOf } from "./place";
import { type TaggedArgs, tagsOf } from "./tags";

/** Arguments of `UserPool`. */
export interface UserPoolArgs extends TaggedArgs {
  /** Refuse to delete the pool and the people in it. @default false */
  protect?: boolean;
}

/** Arguments of `createClient`. */
export interface UserPoolClientArgs {
  /** Origins of the pages that people sign in from: signing in and out returns to their root. */
  origins: pulumi.Input<string>[];
}

/** People who sign up by themselves, and the sign-in page that a page sends them to. */
export class UserPool extends pulumi.ComponentResource {
  /** `iss` of its tokens. */
  readonly issuer: pulumi.Output<string>;
  /** Where a page sends people to sign in: an OAuth 2.0 server with authorization code and PKCE. */
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
        // The sign-up page asks for what is required. Cognito takes no further required attribute later.
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
    // The prefix of the domain is taken from all the world in a Region, so the account is part of it.
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
   * Makes the client that pages sign people in as: authorization code with PKCE, without a secret. It comes after the pages,
   * whose security policy has to name the pool.
   *
   * @returns its id, which is the `aud` of its ID tokens
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
        // Cognito wants at least one; by itself it takes plain http for localhost only.
        callbackUrls: origins.length > 0 ? [...origins, ...roots] : ["http://localhost"],
        logoutUrls: roots,
        preventUserExistenceErrors: "ENABLED",
      },
      { parent: this },
    ).id;
  }
}
