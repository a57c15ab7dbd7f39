import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** Finds a port of this machine that nothing listens on. */
export async function unusedPort(): Promise<string> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return String(port);
}
