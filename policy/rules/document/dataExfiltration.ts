import type { Action } from "@serverless-chat/iam";
import { problemsOfWideGrants } from "../../document/reach.ts";
import { onTheirResources } from "../../document/suggestedStatement.ts";
import type { DocumentRule } from "../rule.ts";

/** Actions that read or copy data, not metadata. */
const READS_DATA = new Set(
  `s3:GetObject s3:GetObjectVersion s3:GetObjectTorrent s3-object-lambda:GetObject
   ssm:GetParameter ssm:GetParameters ssm:GetParametersByPath ssm:GetParameterHistory
   secretsmanager:GetSecretValue secretsmanager:BatchGetSecretValue kms:Decrypt
   dynamodb:GetItem dynamodb:BatchGetItem dynamodb:Query dynamodb:Scan dynamodb:ExportTableToPointInTime
   dynamodb:GetRecords dynamodb:PartiQLSelect kinesis:GetRecords
   rds:CopyDBSnapshot rds:CopyDBClusterSnapshot rds:CreateDBSnapshot rds:StartExportTask rds-data:ExecuteStatement
   ebs:GetSnapshotBlock ec2:CreateSnapshot ec2:CopySnapshot ec2:GetConsoleScreenshot
   athena:GetQueryResults redshift-data:GetStatementResult redshift:GetClusterCredentials
   sqs:ReceiveMessage logs:GetLogEvents logs:FilterLogEvents logs:StartQuery logs:GetQueryResults
   codecommit:GitPull codecommit:GetFile ecr:GetDownloadUrlForLayer glacier:GetJobOutput
   backup:StartRestoreJob es:ESHttpGet elasticfilesystem:ClientMount`
    .split(/\s+/)
    .filter(Boolean),
);

const readsData = ({ name }: Action) => READS_DATA.has(name);

export const dataExfiltration: DocumentRule = {
  id: "data-exfiltration",
  severity: "high",
  title: "Data is readable in every resource of a service",
  kinds: ["identity"],
  check: (subject) =>
    problemsOfWideGrants(
      subject,
      readsData,
      (actions, isOne) => `${actions} ${isOne ? "reads" : "read"} data, and the statement covers every resource`,
      ({ statement }, actions) => onTheirResources(statement, actions, subject.context),
    ),
};
