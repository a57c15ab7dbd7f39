/** Starts a program repeatedly, and tells whether a start served what the program had registered before. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LocalCloud, spawnLocalCloud } from "../localCloud.ts";
import { TestClient } from "../webSocketClient.ts";
import { handler, makeProgram, type ProgramFolder } from "./reloadedProgram.ts";

export class RestartedProgram {
  readonly folder: ProgramFolder;
  /** Folder of the caches. */
  readonly cache: string;
  #cloud: LocalCloud | undefined;

  private constructor(folder: ProgramFolder, cache: string) {
    this.folder = folder;
    this.cache = cache;
  }

  /** @param index source of the program */
  static async make(index: string): Promise<RestartedProgram> {
    const handlers = { "handler.ts": handler("one"), "suffix.ts": 'export const suffix = "";\n' };
    const folder = await makeProgram({ ...handlers, "index.ts": index });
    return new RestartedProgram(folder, await mkdtemp(join(tmpdir(), "restarted-")));
  }

  /** Stops the previous start, and resolves when the next one is ready. */
  async start(env: Record<string, string> = {}): Promise<LocalCloud> {
    await this.#cloud?.stop();
    const caches = { SERVERLESS_CHAT_CACHE: this.cache };
    this.#cloud = spawnLocalCloud(["--watch", "--program", this.folder.path], { ...caches, ...env });
    await this.#cloud.waitFor("ready");
    return this.#cloud;
  }

  async remove(): Promise<void> {
    await this.#cloud?.stop();
    await this.folder.remove();
    await rm(this.cache, { recursive: true });
  }
}

/** Whether the cloud was ready before the program had run. */
export function wasRemembered({ reports }: LocalCloud): boolean {
  return reports.some((report) => report.event === "step" && report.what.startsWith("served what was registered"));
}

/** Resolves when a program whose last run is already served has run again, and has registered the same resources. */
export async function confirmed(cloud: LocalCloud): Promise<void> {
  await cloud.waitFor("step", ({ what }) => what.includes("the same resources"));
}

/** Asks the program's function, and returns its answer. */
export async function answerOf(cloud: LocalCloud): Promise<{ said: string; greeting: string }> {
  const { outputs } = await cloud.waitFor("ready");
  const client = await TestClient.open(outputs.url as string);
  client.send({ action: "ask" });
  const answer = await client.next();
  client.close();
  return answer;
}
