import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { accountId, resourceName } from "./names";

/** Arguments of `UserPool`. */
export interface UserPoolArgs {
  /** Origins of the pages that people sign in from; sign-in returns to them. */
  origins: string[];
  /** Refuse to delete the pool and the people in it. @default false */
  protect?: boolean;
}

/** People who sign up by themselves, and the sign-in page that a chat page sends them to. */
export class UserPool extends pulumi.ComponentResource {
  /** `iss` of its tokens. */
  readonly issuer: pulumi.Output<string>;
  /** `aud` of its ID tokens. */
  readonly clientId: pulumi.Output<string>;
  /** Where a page sends people to sign in: an OAuth 2.0 server with authorization code and PKCE. */
  readonly signInUrl: pulumi.Output<string>;

  constructor(name: string, args: UserPoolArgs, opts?: pulumi.ComponentResourceOptions) {
    super("chat:index:UserPool", name, args, opts);
    const { origins, protect = false } = args;
    const pool = new aws.cognito.UserPool(
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
      },
      { parent: this, protect },
    );
    const client = new aws.cognito.UserPoolClient(
      name,
      {
        name: resourceName(name),
        userPoolId: pool.id,
        generateSecret: false,
        supportedIdentityProviders: ["COGNITO"],
        allowedOauthFlowsUserPoolClient: true,
        allowedOauthFlows: ["code"],
        allowedOauthScopes: ["openid", "email", "profile"],
        // Cognito wants at least one; by itself it takes plain http for localhost only.
        callbackUrls: origins.length > 0 ? origins : ["http://localhost"],
        preventUserExistenceErrors: "ENABLED",
      },
      { parent: this },
    );
    // The prefix of the domain is taken from all the world in a Region, so the account is part of it.
    const domain = new aws.cognito.UserPoolDomain(
      name,
      { domain: pulumi.interpolate`${resourceName(name)}-${accountId()}`, userPoolId: pool.id },
      { parent: this },
    );
    this.issuer = pulumi.interpolate`https://${pool.endpoint}`;
    this.clientId = client.id;
    this.signInUrl = pulumi.interpolate`https://${domain.domain}.auth.${aws.config.requireRegion()}.amazoncognito.com`;
    this.registerOutputs({ issuer: this.issuer, clientId: this.clientId, signInUrl: this.signInUrl });
  }
}
