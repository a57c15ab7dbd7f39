/**
 * Reads the code of functions in a separate thread as soon as the engine passes them. Reading all of it at the end
 * takes seconds, and reading it between the engine's requests makes the engine wait.
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
  /** Reads in progress and finished, by URN of the function. */
  readonly #reading = new Map<string, Promise<void>>();
  /** Pending requests, in the order that the thread received them. */
  readonly #waiting: ((calls: SdkCalls | undefined) => void)[] = [];

  /** @param file URL of the built codeReader.ts */
  constructor(file: URL) {
    this.#file = file;
  }

  /** Starts reading the code of a function, without waiting for it. */
  begin(args: ResourceValidationArgs): void {
    if (args.type === FUNCTION && !this.#reading.has(args.urn)) this.#reading.set(args.urn, this.#read(args));
  }

  /** Waits until all code has been read. The rules read what the thread couldn't. */
  async done(): Promise<void> {
    await Promise.all(this.#reading.values());
  }

  async #read(args: ResourceValidationArgs): Promise<void> {
    try {
      const code = codeOf({ ...toResource(args).props, code: await codeIn(args.props, args.urn) });
      const calls = code && (await this.#ask(code));
      if (code !== undefined && calls !== undefined) keep(code, calls);
    } catch {
      // The rules report what is wrong with the code.
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
