/**
 * Services that send `aws:SourceArn` or `aws:SourceAccount`. A condition on these keys would lock out all others.
 * Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html and each service's page on the subject
 */

/** Services that send the source when they assume a role. */
export const SENDS_SOURCE_TO_TRUST = new Set(
  `access-analyzer airflow appsync athena backup batchoperations.s3 bedrock bedrock-agentcore budgets chatbot cloudformation
   codebuild codepipeline codestar-notifications config connect databrew datasync delivery.logs
   devops-guru ecs-tasks eks-fargate-pods events firehose fis forecast glue grafana imagebuilder internetmonitor iot
   iotsitewise kinesisanalytics lex lexv2 location logs m2 macie mediaconvert monitoring.rds omics
   osis pipes polly proton qbusiness rekognition resiliencehub rolesanywhere s3 sagemaker
   scheduler securityhub ses sns ssm ssm-incidents states storagegateway synthetics textract transcribe transfer
   translate vpc-flow-logs`
    .split(/\s+/)
    .filter(Boolean),
);

/**
 * Services that send the source when they use a resource, for example to send to a queue, write to a bucket or use a
 * key.
 */
export const SENDS_SOURCE_TO_RESOURCE = new Set(
  `apigateway appflow backup batchoperations.s3 bedrock budgets cloudfront cloudtrail cloudwatch.alarms codecommit
   codestar-notifications config cognito-idp costalerts es datasync delivery.logs
   events firehose guardduty inspector2 iot lambda.alarms logging.s3 logs macie
   resource-explorer-2 route53 s3 scheduler secretsmanager ses sns ssm states ssm-incidents vpc-flow-logs
   billingreports bcm-data-exports cloudwatch rds`
    .split(/\s+/)
    .filter(Boolean),
);
