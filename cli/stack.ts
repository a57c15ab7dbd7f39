/**
 * `npm run stack -- new alice`: creates the settings of a new stack from another stack's, except for those that belong
 * to that stack alone.
 */
import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { type Document, isMap, parseDocument, type YAMLMap } from "yaml";
import { problemWithNames } from "../config.ts";
import { readProject } from "../stack/stackFiles.ts";
import { overlapOf } from "../stack/stackNames.ts";
import { UsageError } from "../stack/usageError.ts";
import { commandLineWithNames } from "./commandLine.ts";

const HELP = `Makes the settings of a new stack from those of another: a stack for yourself, or for a pull request.

  npm run stack -- new NAME [--from STACK] [--help]

  --from STACK  stack whose settings are taken   (default: dev)

What belongs to the other stack alone isn't taken: API Gateway's log role, the permissions boundary, the key of its secrets,
and the secrets.
`;

const { values, positionals } = commandLineWithNames(HELP, { from: { type: "string", default: "dev" } });

try {
  const [command, name, ...more] = positionals;
  if (command !== "new" || name === undefined || more.length > 0)
    throw new UsageError('"new" and one name are expected: npm run stack -- new alice');
  await makeStack(name, values.from);
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

async function makeStack(name: string, from: string): Promise<void> {
  const { name: project } = await readProject(".");
  const source = `Pulumi.${from}.yaml`;
  const file = `Pulumi.${name}.yaml`;
  if (!existsSync(source)) throw new UsageError(`there is no ${source}: --from names a stack that has one`);
  const settings = parseDocument(await readFile(source, "utf8"));
  const config = settings.get("config");
  if (settings.errors.length > 0 || !isMap(config)) throw new UsageError(`${source} has no "config" with settings`);
  await checkName(project, name, config.get(`${project}:auth`) !== "oidc");
  const secrets = withoutOwn(settings, config, project);
  // It fails where the file has been made meanwhile: nothing is overwritten.
  await writeFile(file, settings.toString(), { flag: "wx" });
  console.log(`${file} has the settings of ${from}. Next:

  npm start -- --stack ${name}        runs it here
  npm run bootstrap -- --repository OWNER/REPO --stack ${name}
                                   makes its key and its boundary in the AWS account, and says what comes next
`);
  for (const key of secrets) console.log(`  npx pulumi config set --secret ${key} --stack ${name}`);
}

/** @throws UsageError saying why the name can't be taken */
async function checkName(project: string, name: string, hasUserPool: boolean): Promise<void> {
  const problem = problemWithNames(project, name, hasUserPool);
  if (problem !== undefined) throw new UsageError(`${problem}. Choose another name`);
  const stacks = (await readdir(".")).flatMap((file) => /^Pulumi\.(.+)\.ya?ml$/.exec(file)?.[1] ?? []);
  if (stacks.includes(name)) throw new UsageError(`there is a Pulumi.${name}.yaml already: choose another name`);
  const overlap = overlapOf(name, stacks);
  if (overlap === undefined) return;
  throw new UsageError(
    `the stack "${overlap.reaching}" would be let in to what belongs to "${overlap.reached}", whose name begins with its ` +
      `own: choose another name than "${name}"`,
  );
}

/** Removes what belongs to the other stack alone. @returns keys of its secrets */
function withoutOwn(settings: Document, config: YAMLMap, project: string): string[] {
  for (const key of ["secretsprovider", "encryptedkey", "encryptionsalt"]) settings.delete(key);
  const secrets = config.items.flatMap(({ key, value }) => (isMap(value) && value.has("secure") ? [String(key)] : []));
  for (const key of [...secrets, `${project}:permissionsBoundary`, `${project}:apiGatewayAccount`]) config.delete(key);
  // The first stack of an account sets the role for all stacks there.
  config.set(`${project}:apiGatewayAccount`, "existing");
  return secrets;
}
