/** Reads the policy configuration that `--config` names. */
import { readFileSync } from "node:fs";
import { RULES } from "../rules.ts";
import { schemaProblem } from "../schemaProblem.ts";
import { checkSettings, type Settings, UNKNOWN_DOCUMENT } from "../settings.ts";
import { SETTINGS_SCHEMA } from "../settingsSchema.ts";
import { InputError, reasonOf } from "./inputError.ts";
import { inOneLine } from "./parseText.ts";

export interface Config {
  settings: Settings;
  [policy: string]: unknown;
}

const RULE_IDS = RULES.map(({ id }) => id);
/** Keys of a policy configuration, one per policy of the pack. Pulumi applies `all` to every policy. */
const KEYS = ["settings", "all", ...RULE_IDS, UNKNOWN_DOCUMENT, "unread-code", "summary"];

/** @throws InputError naming the file and what is wrong in it */
export function readConfig(file: string | undefined): Config {
  if (file === undefined) return { settings: {} };
  const config = parsedConfig(file);
  const unusable = (reason: string) => new InputError(`${file} can't be used as configuration: ${reason}`);
  if (typeof config !== "object" || config === null || Array.isArray(config))
    throw unusable(`it is ${JSON.stringify(config)}; it must be an object such as {"settings": {"preset": "strict"}}`);
  const stranger = Object.keys(config).find((key) => !KEYS.includes(key));
  if (stranger !== undefined)
    throw unusable(`the key ${JSON.stringify(stranger)} doesn't exist; use "settings", or the name of a policy`);
  const { settings = {} } = config as Partial<Config>;
  try {
    checkSettings(settings, RULE_IDS);
  } catch (error) {
    throw unusable((error as Error).message);
  }
  return { ...config, settings };
}

/** @throws InputError unless the text of `--account` follows the schema of the setting */
export function accountIn(text: string): string {
  const problem = schemaProblem(SETTINGS_SCHEMA.properties.account, text, "--account");
  if (problem !== undefined) throw new InputError(problem);
  return text;
}

function parsedConfig(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new InputError(`${file} can't be used as configuration: ${reasonOf(error)}`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InputError(`${file} can't be used as configuration: it isn't JSON: ${inOneLine(error)}`);
  }
}
