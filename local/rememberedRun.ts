/**
 * Stores what a program registered in its last run, so that the next start can serve it at once, while the program runs
 * again to confirm it.
 */
import { createRequire } from "node:module";
import { join, sep } from "node:path";
import { isDeepStrictEqual } from "node:util";
import folders from "../cache/folders.cjs";
import { hashOf, TextCache } from "../cache/textCache.cjs";
import type { Lookup, Provider, Registered, Registration } from "./engine/monitor.ts";
import type { Program, ProgramSources } from "./engine/program.ts";
import { hashOfFile } from "./hashOfFile.ts";

/** A call of the program to the provider, with its answer. */
export type Call =
  | { kind: "create"; registration: Registration; answer: Registered }
  | { kind: "read"; lookup: Lookup; answer: Record<string, unknown> }
  | { kind: "invoke"; token: string; args: Record<string, unknown>; answer: Record<string, unknown> };

/** A provider that records the calls that it answers. */
export interface RecordingProvider extends Provider {
  /** In the order of their answers. */
  readonly calls: Call[];
}

export interface RememberedRun {
  calls: Call[];
  outputs: Record<string, unknown>;
  sources: ProgramSources;
}

/** A run that has ended. */
interface FinishedRun extends Pick<RememberedRun, "calls" | "outputs"> {
  hasSecrets: boolean;
}

interface Stored extends RememberedRun {
  /** Hashes, by path, of the files that determine what the program registers. */
  files: Record<string, string>;
}

/** Files in a program's folder that say which packages are installed. */
const LOCK_FILES = ["package-lock.json", join("node_modules", ".package-lock.json")];

export function recording(provider: Provider): RecordingProvider {
  const calls: Call[] = [];
  const kept = <C extends Call>(call: C): C["answer"] => {
    calls.push(call);
    return call.answer;
  };
  return {
    calls,
    create: async (registration) => kept({ kind: "create", registration, answer: await provider.create(registration) }),
    read: async (lookup) => kept({ kind: "read", lookup, answer: await provider.read(lookup) }),
    invoke: async (token, args) => kept({ kind: "invoke", token, args, answer: await provider.invoke(token, args) }),
  };
}

/**
 * Repeats calls, without the program.
 *
 * @returns whether every answer is the same as before; if not, the program might now register something else
 */
export async function repeated(calls: Call[], provider: Provider): Promise<boolean> {
  try {
    for (const call of calls) {
      const answer = await answerTo(call, provider);
      // Stored answers have been through JSON, which has no undefined.
      if (!isDeepStrictEqual(JSON.parse(JSON.stringify(answer)), call.answer)) return false;
    }
    return true;
  } catch {
    return false;
  }
}

function answerTo(call: Call, provider: Provider): Promise<Call["answer"]> {
  if (call.kind === "create") return provider.create(call.registration);
  return call.kind === "read" ? provider.read(call.lookup) : provider.invoke(call.token, call.args);
}

export class RememberedRuns {
  readonly #texts = new TextCache(folders.RUNS);
  readonly #hosts: string[];

  /**
   * @param urls URLs of this session's servers, which are stored as placeholders, because the next session may use
   * other ports
   */
  constructor(urls: string[]) {
    this.#hosts = urls.map((url) => new URL(url).host);
  }

  /** @returns undefined if nothing is stored for the program, or one of its files has changed */
  recall(program: Program): RememberedRun | undefined {
    const text = this.#texts.read(this.#keyOf(program));
    if (text === undefined) return undefined;
    const { files, ...run } = JSON.parse(this.#withHosts(text)) as Stored;
    return Object.entries(files).every(([path, hash]) => hashOfFile(path) === hash) ? run : undefined;
  }

  /** Stores a run, unless it has secrets or the program's files aren't known. */
  remember(program: Program, run: FinishedRun, sources: ProgramSources): void {
    const { files: loaded, bundles } = sources;
    if (run.hasSecrets || loaded.length === 0) return;
    const bundled = bundles.flatMap(({ files, programFolder }) => files.map((file) => join(programFolder, file)));
    const own = [...loaded, ...bundled].filter((file) => !file.includes(`${sep}node_modules${sep}`));
    const paths = [...new Set([...own, ...LOCK_FILES.map((name) => join(program.folder, name))])];
    const files = Object.fromEntries(paths.map((path) => [path, hashOfFile(path)]));
    const { calls, outputs } = run;
    const stored = { calls, outputs, sources, files } satisfies Stored;
    this.#texts.write(this.#keyOf(program), this.#withPlaceholders(JSON.stringify(stored)));
  }

  #keyOf(program: Program): string {
    const { version } = createRequire(import.meta.url)("@pulumi/pulumi/package.json");
    return hashOf(process.version, version, this.#withPlaceholders(JSON.stringify(program)));
  }

  #withPlaceholders(text: string): string {
    // A longer port may begin with the same digits.
    return this.#hosts.reduce(
      (all, host, i) => all.replaceAll(new RegExp(`${host}(?!\\d)`, "g"), placeholder(i)),
      text,
    );
  }

  #withHosts(text: string): string {
    return this.#hosts.reduce((all, host, i) => all.replaceAll(placeholder(i), host), text);
  }
}

function placeholder(i: number): string {
  return `server-${i}.of-this-session.invalid`;
}
