import { beforeAll } from "vitest";
import { startLocalCloud } from "../localCloud.ts";
import { Command, endCommands } from "./command.ts";

/** A local cloud for the commands of a test file. */
export interface ServedChat {
  /** The WebSocket address. */
  readonly url: string;
  readonly port: string;
  /** Starts the chat's client without a terminal. */
  chat(name: string, ...options: string[]): Command;
}

/** Starts a local cloud for all tests of a file; after them, ends the cloud and all commands. */
export function serveChat(): ServedChat {
  let url = "";
  beforeAll(async () => {
    const cloud = await startLocalCloud();
    url = cloud.outputs.webSocketUrl as string;
    return async () => {
      endCommands();
      await cloud.stop();
    };
  });
  return {
    get url() {
      return url;
    },
    get port() {
      return new URL(url).port;
    },
    chat: (name, ...options) =>
      new Command(process.execPath, ["cli/launch.js", "cli/chat.ts", "--name", name, "--url", url, ...options]),
  };
}
