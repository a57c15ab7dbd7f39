import * as pulumi from "@pulumi/pulumi";
import { problemWithNames } from "./settings/names";
import type { Setting } from "./settings/setting";
import { type Key, SETTINGS, type Values } from "./settings/settings";

/** The stack's configuration, read only here: the {@link SETTINGS} and values derived from them. */
export interface Config
  extends Omit<
    Values,
    "oidcIssuer" | "oidcAudience" | "origins" | "permissionsBoundary" | "domain" | "zone" | "certificateArn"
  > {
  /** `iss` and `aud` of the tokens, with `auth: oidc`; locally those of the local issuer. */
  oidc: { issuer: string; audience: string } | undefined;
  origins: string[];
  /** Undefined locally, where clients connect to this machine. */
  domain: { name: string; zone: string } | { name: string; certificateArn: string } | undefined;
  permissionsBoundary: string | undefined;
}

/**
 * Reads and checks the configuration and the names of project and stack.
 *
 * @throws pulumi.RunError that names the key or name, its value and the allowed values
 */
export function readConfig(): Config {
  refuseUnknownKeys();
  const values = Object.fromEntries((Object.keys(SETTINGS) as Key[]).map((key) => [key, read(key)])) as Values;
  const oidc = oidcOf(values);
  const problem = problemWithNames(pulumi.getProject(), pulumi.getStack(), oidc === undefined);
  if (problem !== undefined) throw new pulumi.RunError(`${problem}. Choose another name`);
  return {
    ...values,
    oidc,
    origins: originsOf(values),
    domain: domainOf(values),
    page: values.page && !isLocal(),
    stageName: values.stageName || pulumi.getStack(),
    permissionsBoundary: values.permissionsBoundary || undefined,
  };
}

/** Refuses keys that don't exist, because a misspelled one would silently do nothing. */
function refuseUnknownKeys(): void {
  const prefix = `${pulumi.getProject()}:`;
  const known = Object.keys(SETTINGS);
  for (const full of Object.keys(pulumi.runtime.allConfig())) {
    const key = full.slice(prefix.length);
    if (!full.startsWith(prefix) || known.includes(key)) continue;
    const nearest = [...known].sort((a, b) => distance(key, a) - distance(key, b))[0];
    throw new pulumi.RunError(`there is no configuration key "${full}": did you mean "${prefix}${nearest}"?`);
  }
}

/** Levenshtein distance: the insertions, deletions and replacements of a character between two words. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = (row[j - 1] as number) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] as number) + 1, (next[j - 1] as number) + 1, replaced));
    }
    row = next;
  }
  return row[to.length] as number;
}

/** Address of the local cloud's issuer or page. Only loopback is accepted, because on AWS nothing listens there. */
const LOCAL = /^http:\/\/127\.0\.0\.1:\d+$/;

function oidcOf({ auth, oidcIssuer, oidcAudience }: Values): Config["oidc"] {
  const local = new pulumi.Config("local");
  if (isLocal()) return { issuer: local.require("issuer"), audience: local.require("audience") };
  if (auth === "cognito") return undefined;
  for (const key of ["oidcIssuer", "oidcAudience"] as const) read(key) || refuse(key, "");
  return { issuer: oidcIssuer, audience: oidcAudience };
}

function isLocal(): boolean {
  return LOCAL.test(new pulumi.Config("local").get("issuer") ?? "");
}

function originsOf(values: Values): string[] {
  const origins = values.origins
    .split(",")
    .map((origin) => origin.trim())
    .filter(Boolean);
  for (const origin of origins) {
    if (!URL.canParse(origin) || new URL(origin).origin !== origin) refuse("origins", values.origins);
  }
  const localPage = new pulumi.Config("local").get("page");
  return localPage === undefined || !LOCAL.test(localPage) ? origins : [...origins, localPage];
}

function domainOf({ domain: name, zone, certificateArn }: Values): Config["domain"] {
  if (name === "" && zone === "" && certificateArn === "") return undefined;
  const key = (key: Key) => `"${pulumi.getProject()}:${key}"`;
  if (name === "" || (zone === "") === (certificateArn === "")) {
    throw new pulumi.RunError(
      `a custom domain needs ${key("domain")}, and either ${key("zone")} or ${key("certificateArn")}. ` +
        `Set them in Pulumi.${pulumi.getStack()}.yaml`,
    );
  }
  if (isLocal()) return undefined;
  return zone === "" ? { name, certificateArn } : { name, zone };
}

function read(key: Key): string | number | boolean {
  const given = new pulumi.Config().get(key);
  const setting: Setting<string | number | boolean> = SETTINGS[key];
  return given === undefined ? setting.default : (setting.parse(given) ?? refuse(key, given));
}

function refuse(key: Key, value: string): never {
  const full = `${pulumi.getProject()}:${key}`;
  throw new pulumi.RunError(
    `the configuration key "${full}" is "${value}"; it must be ${SETTINGS[key].allowed}. Set it in Pulumi.${pulumi.getStack()}.yaml`,
  );
}
