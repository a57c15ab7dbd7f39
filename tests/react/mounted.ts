/** Mounts components in a document without a browser, and records what their hooks return. */
import { act, createElement, type ReactNode, StrictMode } from "react";
import { createRoot, type Root } from "react-dom/client";
import type { Client } from "../../client/index.ts";
import { ChatProvider } from "../../react/index.ts";
import type { World } from "../client/virtual/world.ts";

(globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;

export class Mounted {
  readonly world: World;
  readonly clients: Client[] = [];
  readonly element = document.createElement("div");
  readonly #root: Root = createRoot(this.element);

  constructor(world: World) {
    this.world = world;
  }

  /** Renders hooks inside a provider. */
  async render(children: ReactNode, { isStrict = false } = {}): Promise<void> {
    const provider = createElement(ChatProvider, { connect: this.connect }, children);
    await act(async () => this.#root.render(isStrict ? createElement(StrictMode, null, provider) : provider));
    await this.pass();
  }

  readonly connect = (): Client => {
    const client = this.world.client();
    this.clients.push(client);
    return client;
  };

  async unmount(): Promise<void> {
    await act(async () => this.#root.unmount());
    await this.pass();
  }

  /** Lets time pass until React has rendered the result. */
  async pass(ms?: number): Promise<void> {
    await act(async () => {
      // Clients released now are stopped in the next task.
      await new Promise((resolve) => setTimeout(resolve));
      await this.world.pass(ms);
    });
  }

  async do(action: () => void): Promise<void> {
    await act(async () => action());
    await this.pass();
  }
}

/** A component that records a hook's return value on each render. */
export function noting<State>(useState: () => State): { Component: () => null; seen: State[]; readonly now: State } {
  const seen: State[] = [];
  const Component = () => {
    seen.push(useState());
    return null;
  };
  return {
    Component,
    seen,
    get now() {
      return seen.at(-1) as State;
    },
  };
}
