/** An organization's backups in a vault of a separate account, and the replication of a bucket. */
import * as aws from "@pulumi/aws";

const vault = new aws.backup.Vault("central", { name: "central" });
new aws.backup.VaultPolicy("central", {
  backupVaultName: vault.name,
  policy: JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: "*",
        Action: "backup:CopyIntoBackupVault",
        Resource: "*",
        Condition: { StringEquals: { "aws:PrincipalOrgID": "o-a1b2c3d4e5" } },
      },
      {
        Effect: "Deny",
        Principal: "*",
        Action: ["backup:DeleteRecoveryPoint", "backup:UpdateRecoveryPointLifecycle"],
        Resource: "*",
      },
    ],
  }),
});

const replication = new aws.iam.Role("replication", {
  name: "replication",
  assumeRolePolicy: {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: "s3.amazonaws.com" },
        Action: "sts:AssumeRole",
        Condition: { StringEquals: { "aws:SourceAccount": "123456789012" } },
      },
    ],
  },
});
new aws.iam.RolePolicy("replication", {
  role: replication.name,
  policy: {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Action: ["s3:GetReplicationConfiguration", "s3:ListBucket"],
        Resource: "arn:aws:s3:::records",
      },
      {
        Effect: "Allow",
        Action: ["s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"],
        Resource: "arn:aws:s3:::records/*",
      },
      {
        Effect: "Allow",
        Action: ["s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"],
        Resource: "arn:aws:s3:::records-copy/*",
      },
    ],
  },
});

// Operators can restore (and thus read) and delete every backup.
new aws.iam.Policy("operators", {
  name: "backup-operators",
  policy: {
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Action: ["backup:StartRestoreJob", "backup:DeleteRecoveryPoint"], Resource: "*" },
      { Effect: "Allow", Action: ["backup:ListBackupVaults", "backup:DescribeBackupJob"], Resource: "*" },
    ],
  },
});
// This snapshot is open to everyone.
new aws.ec2.SnapshotCreateVolumePermission("everyone", { snapshotId: "snap-0123456789abcdef0", accountId: "all" });
