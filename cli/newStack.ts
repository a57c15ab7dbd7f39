/** Creates a new stack's settings: a copy of another stack's, without those that belong to that other stack alone. */
import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { type Document, isMap, parseDocument, type YAMLMap } from "yaml";
import { problemWithNames } from "../settings/names.ts";
import { type Key, SETTINGS } from "../settings/settings.ts";
import { parseDuration } from "../stack/duration.ts";
import { readProject } from "../stack/stackFiles.ts";
import { isOfPullRequests, overlapOf } from "../stack/stackNames.ts";
import { UsageError } from "../stack/usageError.ts";
import { TTL_TAG } from "./stackLifetimes.ts";

export interface NewStack {
  name: string;
  /** Stack to copy the settings from. */
  from: string;
  /** Time from the stack's last update until it may be destroyed: `48h`. @default never */
  ttl?: string | undefined;
  /** URL of the key for its secrets. @default the key named at `pulumi stack init` */
  secretsProvider?: string | undefined;
  /** Settings that replace those of the other stack: `page=false`. */
  set?: string[] | undefined;
}

/** @throws UsageError with the reason if the stack can't be created */
export async function makeStack({ name, from, ttl, secretsProvider, set = [] }: NewStack): Promise<void> {
  const { name: project } = await readProject(".");
  const source = `Pulumi.${from}.yaml`;
  const file = `Pulumi.${name}.yaml`;
  if (ttl !== undefined && parseDuration(ttl) === undefined)
    throw new UsageError(`--ttl is "${ttl}": a number of minutes, hours or days is expected, such as 90m, 48h or 7d`);
  if (!existsSync(source)) throw new UsageError(`there is no ${source}: --from must name a stack that has one`);
  const settings = parseDocument(await readFile(source, "utf8"));
  const config = settings.get("config");
  if (settings.errors.length > 0 || !isMap(config)) throw new UsageError(`${source} has no "config" with settings`);
  await checkName(project, name, config.get(`${project}:auth`) !== "oidc");
  const secrets = withoutOwn(settings, config, project);
  for (const [key, value] of set.map((setting) => parseSetting(setting, project)))
    config.set(`${project}:${key}`, value);
  // Pulumi's own setting for a stack's tags. A bucket backend ignores it, and `npm run up` sets the tags instead.
  if (ttl !== undefined) config.set("pulumi:tags", settings.createNode({ [TTL_TAG]: ttl }));
  if (secretsProvider !== undefined) settings.set("secretsprovider", secretsProvider);
  // Writing fails if someone has created the file in the meantime, so nothing is overwritten.
  await writeFile(file, settings.toString(), { flag: "wx" });
  console.log(`${file} has the settings of ${from}.${ttl === undefined ? "" : lifetime(name, ttl)} Next:

  npm start -- --stack ${name}        runs it here
  npm run bootstrap -- --repository OWNER/REPO --stack ${name}
                                   creates its key and permissions boundary in the AWS account, and says what comes next
`);
  for (const key of secrets) console.log(`  npx pulumi config set --secret ${key} --stack ${name}`);
}

function lifetime(name: string, ttl: string): string {
  return ` ${ttl} after its last "up", "npm run stack -- sweep --yes" destroys ${name}.`;
}

/** @throws UsageError with the reason if the name can't be used */
async function checkName(project: string, name: string, hasUserPool: boolean): Promise<void> {
  const problem = problemWithNames(project, name, hasUserPool);
  if (problem !== undefined) throw new UsageError(`${problem}. Choose another name`);
  if (name === "pr" || (name.startsWith("pr-") && !isOfPullRequests(name)))
    throw new UsageError(
      `the stack "${name}" would be accessible to the role that deploys pull requests, whose stacks are named pr-NUMBER. ` +
        "Choose another name",
    );
  const stacks = (await readdir(".")).flatMap((file) => /^Pulumi\.(.+)\.ya?ml$/.exec(file)?.[1] ?? []);
  if (stacks.includes(name)) throw new UsageError(`there is a Pulumi.${name}.yaml already: choose another name`);
  const overlap = overlapOf(name, stacks);
  if (overlap === undefined) return;
  throw new UsageError(
    `the stack "${overlap.reaching}" could change the resources of "${overlap.reached}", because the name ` +
      `"${overlap.reached}" begins with "${overlap.reaching}": choose a name other than "${name}"`,
  );
}

/** @throws UsageError if the text isn't `key=value` with a valid value for an existing key */
function parseSetting(setting: string, project: string): [key: Key, value: string] {
  const [, full, value] = /^([\w:-]+)=(.*)$/.exec(setting) ?? [];
  if (full === undefined || value === undefined)
    throw new UsageError(`--set is "${setting}": a setting and its value are expected, such as page=false`);
  const key = full.replace(`${project}:`, "") as Key;
  if (!Object.hasOwn(SETTINGS, key))
    throw new UsageError(`--set is "${setting}": there is no setting "${key}"; README.md lists all of them`);
  const { allowed, parse } = SETTINGS[key];
  if (parse(value) === undefined) throw new UsageError(`--set is "${setting}": ${key} must be ${allowed}`);
  return [key, value];
}

/** Removes settings that belong to the other stack alone. @returns keys of the secrets among them */
function withoutOwn(settings: Document, config: YAMLMap, project: string): string[] {
  for (const key of ["secretsprovider", "encryptedkey", "encryptionsalt"]) settings.delete(key);
  const secrets = config.items.flatMap(({ key, value }) => (isMap(value) && value.has("secure") ? [String(key)] : []));
  const own = [`${project}:permissionsBoundary`, `${project}:apiGatewayAccount`, "pulumi:tags"];
  for (const key of [...secrets, ...own]) config.delete(key);
  // API Gateway has one log role for all stacks of an account and Region, which the first stack there has set.
  config.set(`${project}:apiGatewayAccount`, "existing");
  return secrets;
}
