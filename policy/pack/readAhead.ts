/**
 * Reads the code of functions in a thread of its own, from the moment on at which the engine shows them. To read all of
 * it at the end takes seconds, and to read it between the engine's questions keeps the engine waiting.
 */
import { Worker } from "node:worker_threads";
import type { ResourceValidationArgs } from "@pulumi/policy";
import { keep } from "../code/cachedCalls.ts";
import { codeOf } from "../code/functionCode.ts";
import type { SdkCalls } from "../code/sdkCalls.ts";
import { FUNCTION } from "../resources/roles.ts";
import { codeIn, toResource } from "./toStackResource.ts";

export class ReadAhead {
  readonly #file: URL;
  #worker: Worker | undefined;
  /** By URN of a function. */
  readonly #reading = new Map<string, Promise<void>>();
  /** In the order in which the thread was asked. */
  readonly #waiting: ((calls: SdkCalls | undefined) => void)[] = [];

  /** @param file of the thread, codeReader.ts as it was built */
  constructor(file: URL) {
    this.#file = file;
  }

  /** Returns at once. */
  begin(args: ResourceValidationArgs): void {
    if (args.type === FUNCTION && !this.#reading.has(args.urn)) this.#reading.set(args.urn, this.#read(args));
  }

  /** All that was begun is known, or cannot be read here: then the rules read it themselves. */
  async done(): Promise<void> {
    await Promise.all(this.#reading.values());
  }

  async #read(args: ResourceValidationArgs): Promise<void> {
    try {
      const code = codeOf({ ...toResource(args).props, code: await codeIn(args.props) });
      const calls = code && (await this.#ask(code));
      if (code !== undefined && calls !== undefined) keep(code, calls);
    } catch {
      // Whatever is wrong with it, the rules tell it.
    }
  }

  #ask(code: string[]): Promise<SdkCalls | undefined> {
    this.#worker ??= this.#start();
    this.#worker.postMessage(code);
    return new Promise((resolve) => void this.#waiting.push(resolve));
  }

  #start(): Worker {
    const worker = new Worker(this.#file);
    worker.unref();
    worker.on("message", (calls: SdkCalls) => this.#waiting.shift()?.(calls));
    worker.on("error", () => {
      for (const resolve of this.#waiting.splice(0)) resolve(undefined);
      this.#worker = undefined;
    });
    return worker;
  }
}
