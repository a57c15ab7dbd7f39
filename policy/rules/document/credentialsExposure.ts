import type { Action } from "@serverless-chat/iam";
import { problemsOfWideGrants } from "../../document/reach.ts";
import { onTheirResources } from "../../document/suggestedStatement.ts";
import type { DocumentRule } from "../rule.ts";

/** Actions whose response lets the caller act as another identity. */
const GIVES_CREDENTIALS = new Set(
  `sts:AssumeRole sts:AssumeRoleWithSAML sts:AssumeRoleWithWebIdentity sts:GetFederationToken
   iam:CreateAccessKey iam:CreateLoginProfile iam:UpdateLoginProfile iam:CreateServiceSpecificCredential
   iam:ResetServiceSpecificCredential iam:UpdateAccessKey iam:ResyncMFADevice
   cognito-identity:GetCredentialsForIdentity cognito-identity:GetOpenIdToken
   cognito-identity:GetOpenIdTokenForDeveloperIdentity cognito-idp:AdminInitiateAuth cognito-idp:DescribeUserPoolClient
   rds-db:connect redshift:GetClusterCredentials redshift:GetClusterCredentialsWithIAM
   redshift-serverless:GetCredentials dsql:DbConnectAdmin
   ec2:GetPasswordData
   lightsail:DownloadDefaultKeyPair lightsail:GetInstanceAccessDetails lightsail:GetRelationalDatabaseMasterUserPassword
   codeartifact:GetAuthorizationToken sso:GetRoleCredentials apigateway:GetApiKey mediapackage:RotateIngestEndpointCredentials
   gamelift:RequestUploadCredentials chime:CreateApiKey eks-auth:AssumeRoleForPodIdentity`
    .split(/\s+/)
    .filter(Boolean),
);

const givesCredentials = ({ name }: Action) => GIVES_CREDENTIALS.has(name);

export const credentialsExposure: DocumentRule = {
  id: "credentials-exposure",
  severity: "high",
  title: "Credentials are available for any resource",
  kinds: ["identity"],
  check: (subject) =>
    problemsOfWideGrants(
      subject,
      givesCredentials,
      (actions, isOne) =>
        `${actions} ${isOne ? "returns" : "return"} credentials, and the statement covers every resource`,
      ({ statement }, actions) =>
        actions.every(({ resources }) => resources.length === 0)
          ? "give this action to one role only, since no policy can limit it to a resource"
          : onTheirResources(
              statement,
              actions.filter(({ resources }) => resources.length > 0),
              subject.context,
            ),
      { includesUnlimited: true },
    ),
};
