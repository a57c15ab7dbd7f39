/** Runs the AWS CLI, with the credentials that it finds. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** Environment of the CLI, whose output goes to the caller, not to a pager. */
const ENV = { ...process.env, AWS_PAGER: "" };

/** Thrown if the AWS CLI is missing or ends with an error. The message says which, and contains the CLI's output. */
export class AwsCliError extends Error {
  override name = "AwsCliError";
}

export class AwsCli {
  readonly #region: string;

  constructor(region: string) {
    this.#region = region;
  }

  /** @throws AwsCliError if this machine has no AWS CLI */
  static async find(): Promise<void> {
    try {
      await promisify(execFile)("aws", ["--version"]);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw said(["--version"], error);
      throw new AwsCliError(
        "the AWS CLI isn't installed on this machine: install it as described at " +
          "https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html, and log in",
      );
    }
  }

  /** Makes a call and returns its parsed answer. @throws AwsCliError */
  async ask<Answer>(...args: string[]): Promise<Answer> {
    try {
      const { stdout } = await promisify(execFile)("aws", [...args, "--region", this.#region, "--output", "json"], {
        env: ENV,
      });
      return (stdout.trim() === "" ? null : JSON.parse(stdout)) as Answer;
    } catch (error) {
      throw said(args, error);
    }
  }
}

/** Arguments may contain passwords, so errors contain only the name of the call. */
function said(args: string[], error: unknown): AwsCliError {
  const { stderr, message } = error as { stderr?: string; message: string };
  return new AwsCliError(`aws ${args.slice(0, 2).join(" ")}: ${stderr?.trim() || message}`);
}
