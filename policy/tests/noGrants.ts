/** Inputs of @pulumi/aws whose names suggest a permission, but which grant nothing that a rule could check. */

export const NO_GRANTS: { reason: string; inputs: RegExp }[] = [
  {
    reason: "TLS and security policies choose ciphers",
    inputs: /\.(alpnPolicy|sslPolicy|securityPolicy|securityPolicyName|tlsPolicy|tlsPolicies)$|ContentSecurityPolicy/,
  },
  {
    reason: "scaling, lifecycle, backup and replacement policies control capacity and cost",
    inputs:
      /(scaling|lifecycle|maintenance|termination|instances|update|upgrade|retention|retry|tiering|snapshot|backup|pit|recrawl|schemaChange|scheduling|fairShare|deletion|DeletePropagation|autoImport|idle|default|pullRequestBuild|notification|playerLatency|protection|resourceCreationLimit)Polic(y|ies)|\.(policyDetails|schedulingPolicyArn|policyType|default(Policy)?)$|^(appautoscaling|autoscaling|dlm|imagebuilder)\//i,
  },
  {
    reason: "routing and DNS policies choose where traffic goes",
    inputs:
      /RoutingPolic|trafficPolicy|routingPolicy|^ec2transitgateway\/|^networkmanager\/|continuousDeploymentPolicyId/i,
  },
  {
    reason: "delivery, filter and redrive policies control messages",
    inputs: /\.(deliveryPolicy|archivePolicy|replayPolicy|filterPolicy(Scope)?|redrive(Allow)?Policy)$/,
  },
  {
    reason: "names, ids and switches of a policy that another input or resource has",
    inputs:
      /\.(policyName|policyNames|policyRevision(Id)?|policyAttributes|policyTypeName|policyId|policyStoreId|policyEngineId|policyEngineConfiguration|policyRuntime|policyReferenceName|permissionSetArn|permissionArns|permissionModel|permissionType|permissionsMode|bypassPolicyLockout(Safety)?Check|blockPublicPolicy|delayAfterPolicyCreationInMs|forceDetachPolicies|createBasePolicy|basePolicyRegions|enabledPolicyTypes|grantCreationTokens|retiringPrincipal|deleteAllPolicyResources|policyArn|firewallPolicy(Arn|ChangeProtection)?|principalType|principalEntityType|thingPrincipalType|permissionsConfig|policyUrl|policyBody|snapshotCopyGrantName|grantArn)$/,
  },
  {
    reason: "data protection, index and content rules say what is masked or stored, not who has access",
    inputs:
      /^cloudwatch\/log(Account|DataProtection|Index)Policy|dataProtectionPolicy|^bedrock\/guardrail|^cfg\/|^fms\/|^securityhub\/|^resiliencehub\/|^kendra\//,
  },
  {
    reason: "policies in Cedar and other languages of applications aren't IAM documents",
    inputs: /^(verifiedaccess|verifiedpermissions|mailmanager|workspacesweb)\/|agentcoreBrowser/,
  },
  { reason: "session tags that come from a token's claims", inputs: /IdentityPoolProviderPrincipalTag/ },
  { reason: "a template of permissions that a share selects; the share is checked", inputs: /^ram\/permission:/ },
  { reason: "sign-in rules of user pools", inputs: /^cognito\/userPool:UserPool\.(passwordPolicy|signInPolicy)$/ },
  {
    reason: "the boundary that a role, user or permission set has: boundary-required compares it",
    inputs: /\.permissionsBoundary$/,
  },
  {
    reason: "permissions inside an application, for its own users",
    inputs:
      /^(connect|datazone|elastictranscoder|cloud9|workspaces|grafana|ses|datasync|gamelift|glue|licensemanager|servicecatalog|emr)\/|ColumnLevelPermission|columnLevelPermissionRules|rowLevelPermission|customPermissionsName/,
  },
  {
    reason: "assignments of permission sets and applications to people: the permission sets are checked",
    inputs: /^ssoadmin\/|^organizations\//,
  },
  {
    reason: "who gets the permissions; the permissions are in another input, which is checked",
    inputs:
      /^(eks\/accessEntry|ecr\/pullTimeUpdateExclusion|iot\/|lakeformation\/(optIn|dataLakeSettings)|globalaccelerator\/|chatbot\/|sns\/platformApplication|ram\/resourceShareAssociationsExclusive|ec2\/networkInterfacePermission)/,
  },
  { reason: "managed network policies of Oracle Database@AWS, which AWS limits to its own service", inputs: /^odb\// },
  {
    reason: "code signing, browser and endpoint switches",
    inputs:
      /^(lambda\/codeSigningConfig|transfer\/webApp|efs\/|ecr\/|storagegateway\/|s3\/bucketLogging|s3\/accountPublicAccessBlock|fsx\/|sagemaker\/domain)/,
  },
];
