/** Reads Pulumi.yaml and Pulumi.<stack>.yaml, as the Pulumi CLI does. */
import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { parse } from "yaml";
import { UsageError } from "./usageError.ts";

export interface Project {
  name: string;
  /** Entry point; `.` means the one in package.json. */
  main: string;
  tsconfig: string;
  /** Default values for stacks that don't set them, by full key. */
  config: Record<string, string>;
}

export interface StackConfig {
  /** Settings, by full key, such as `chat:memory`. */
  values: Record<string, string>;
  /** Keys of values that are, or contain, a `secure:` value. Only the stack's secrets provider can decrypt these. */
  secure: string[];
  /** Value of `pulumi:tags`: tags of the stack itself. */
  tags: Record<string, string>;
  /** URL of the key for the stack's secrets, if the file names one. */
  secretsProvider?: string;
}

/** One of Pulumi's own keys, not a setting of the program. */
const TAGS = "pulumi:tags";

/** @throws UsageError naming the file and what is wrong with it */
export async function readProject(folder: string): Promise<Project> {
  const file = join(folder, "Pulumi.yaml");
  const project = await readYaml(file);
  if (project === undefined) {
    const above = await folderAbove(folder);
    throw new UsageError(
      above === undefined
        ? `there is no ${file}: run this in the folder of a Pulumi program, or name the folder with --program`
        : `there is no ${file}: the program is in ${above}; run this there`,
    );
  }
  const { name, main, runtime } = project as { name?: unknown; main?: unknown; runtime?: unknown };
  if (typeof name !== "string") throw new UsageError(`${file} has no name`);
  const runtimeName = typeof runtime === "string" ? runtime : (runtime as { name?: unknown } | undefined)?.name;
  if (runtimeName !== "nodejs") throw new UsageError(`${file} has the runtime "${runtimeName}": only nodejs runs here`);
  const { tsconfig } = (runtime as { options?: { tsconfig?: string } }).options ?? {};
  return {
    name,
    main: typeof main === "string" ? main : ".",
    tsconfig: tsconfig ?? "tsconfig.json",
    config: projectConfig((project as { config?: unknown }).config, name),
  };
}

/** The project's default values, by full key. Pulumi.yaml has plain values, or mappings with `value` or `default`. */
function projectConfig(config: unknown, project: string): Record<string, string> {
  const values = Object.entries(config ?? {}).flatMap(([key, entry]): [string, string][] => {
    const { value = undefined, default: otherwise = undefined } =
      typeof entry === "object" && entry !== null
        ? (entry as { value?: unknown; default?: unknown })
        : { value: entry };
    const given = value ?? otherwise;
    return given === undefined ? [] : [[fullKeyOf(key, project), textOf(given)]];
  });
  return Object.fromEntries(values);
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** @throws UsageError naming the file and what is wrong with it, or saying that it doesn't exist */
export async function readStackConfig(folder: string, project: string, stack: string): Promise<StackConfig> {
  const found = await findStackConfig(folder, project, stack);
  if (found !== undefined) return found;
  throw new UsageError(`there is no ${join(folder, `Pulumi.${stack}.yaml`)}: --stack must name a stack that has one`);
}

/**
 * @returns undefined when the stack has no file
 * @throws UsageError naming the file and what is wrong with it
 */
export async function findStackConfig(
  folder: string,
  project: string,
  stack: string,
): Promise<StackConfig | undefined> {
  const file = join(folder, `Pulumi.${stack}.yaml`);
  const content = await readYaml(file);
  if (content === undefined) return undefined;
  const { config = {}, secretsprovider } = (content ?? {}) as { config?: unknown; secretsprovider?: unknown };
  if (typeof config !== "object" || config === null || Array.isArray(config)) {
    throw new UsageError(`${file}: "config" is not a mapping from keys to values`);
  }
  const values: Record<string, string> = {};
  const secure: string[] = [];
  const tags: Record<string, string> = {};
  for (const [key, value] of Object.entries(config)) {
    const fullKey = fullKeyOf(key, project);
    if (isSecure(value)) secure.push(fullKey);
    else if (fullKey === TAGS) for (const [tag, text] of Object.entries(value ?? {})) tags[tag] = textOf(text);
    else values[fullKey] = textOf(value);
  }
  return { values, secure, tags, ...(typeof secretsprovider === "string" ? { secretsProvider: secretsprovider } : {}) };
}

function isSecure(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { secure, ...others } = value as { secure?: unknown };
  return (typeof secure === "string" && Object.keys(others).length === 0) || Object.values(value).some(isSecure);
}

/** The nearest parent folder with a program. */
async function folderAbove(folder: string): Promise<string | undefined> {
  for (let at = dirname(resolve(folder)); at !== dirname(at); at = dirname(at)) {
    if ((await readYaml(join(at, "Pulumi.yaml"))) !== undefined) return at;
  }
  return undefined;
}

/** The key with its namespace. A key without a namespace belongs to the project. */
export function fullKeyOf(key: string, project: string): string {
  return key.includes(":") ? key : `${project}:${key}`;
}

async function readYaml(file: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new UsageError(`${file} cannot be read: ${(error as Error).message}`);
  }
  try {
    return parse(text) ?? {};
  } catch (error) {
    throw new UsageError(`${file} is not YAML: ${(error as Error).message}`);
  }
}
