/** A program in its own folder, whose files a test saves. */
import { cp, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { LocalCloud } from "../localCloud.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export interface ProgramFolder {
  path: string;
  /** Writes a file the way an editor does. */
  save(file: string, text: string): Promise<void>;
  remove(): Promise<void>;
}

/**
 * Creates a program in a temporary folder.
 *
 * @param files contents by path, in addition to the bundler and the fixtures' `resources.ts`
 */
export async function makeProgram(files: Record<string, string>): Promise<ProgramFolder> {
  const path = await mkdtemp(join(tmpdir(), "reloaded-"));
  for (const folder of ["callbacks", "cache"]) await cp(join(ROOT, folder), join(path, folder), { recursive: true });
  for (const file of ["tsconfig.json", "tsconfig.pulumi.json"]) await cp(join(ROOT, file), join(path, file));
  await cp(join(ROOT, "tests/programs/resources.ts"), join(path, "resources.ts"));
  await symlink(join(ROOT, "node_modules"), join(path, "node_modules"));
  const save = (file: string, text: string) => writeFile(join(path, file), text);
  await save("package.json", JSON.stringify({ name: "reloaded", main: "index.ts" }));
  await save("Pulumi.yaml", "name: reloaded\nruntime: { name: nodejs, options: { tsconfig: tsconfig.pulumi.json } }\n");
  await save("Pulumi.dev.yaml", "config:\n  aws:region: eu-central-1\n");
  for (const [file, text] of Object.entries(files)) await save(file, text);
  return { path, save, remove: () => rm(path, { recursive: true, force: true }) };
}

/** Source of a handler's file. Its function answers with the version, after the delay that the frame states. */
export const handler = (version: string) => `
import { suffix } from "./suffix";
export const answer = async (event: { body: string }) => {
  const { action, ms = 0 } = JSON.parse(event.body);
  await new Promise((resolve) => setTimeout(resolve, ms));
  return { statusCode: 200, body: JSON.stringify({ said: "${version}" + suffix, action, greeting: process.env.GREETING }) };
};`;

/** The parts in which versions of the program differ. */
interface ProgramParts {
  greeting?: string;
  routes?: string[];
  tables?: string[];
  key?: string;
  last?: string;
}

/** Source of a program with one callback function behind some routes. */
export const program = ({
  greeting = "hello",
  routes = ["ask"],
  tables = [],
  key = "id",
  last = "",
}: ProgramParts = {}) => `
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { bundleCallback } from "./callbacks/bundle";
import { createApi, createDeployment, createFunction, createRoutes } from "./resources";
const code = bundleCallback("answer", async (event: never) => (await import("./handler")).answer(event))
  .then((path) => new pulumi.asset.FileAsset(path));
const target = createFunction("answer", { code, handler: "handler", variables: { GREETING: "${greeting}" } });
for (const name of ${JSON.stringify(tables)}) {
  new aws.dynamodb.Table(name, {
    name, hashKey: "${key}", attributes: [{ name: "${key}", type: "S" }], billingMode: "PAY_PER_REQUEST",
  });
}
const api = createApi("reloaded");
const routes = createRoutes("reloaded", api, Object.fromEntries(${JSON.stringify(routes)}.map((r) => [r, { target }])));
const deployment = createDeployment("reloaded", api, routes);
export const url = new aws.apigatewayv2.Stage("reloaded", {
  apiId: api.id, name: "prod", deploymentId: deployment.id,
  routeSettings: [{ routeKey: "rare", throttlingRateLimit: 0.001, throttlingBurstLimit: 1 }],
}).invokeUrl;
${last}
`;

/** Saves a file of the program, and resolves with the cloud's report. */
export async function save<Event extends "reloaded" | "error" | "confirm">(
  at: { cloud: LocalCloud; folder: ProgramFolder },
  event: Event,
  file: string,
  text: string,
) {
  const before = at.cloud.reports.length;
  await at.folder.save(file, text);
  return at.cloud.waitFor(event, (report) => at.cloud.reports.indexOf(report) >= before);
}
