import { connect } from "node:net";
import type { Reporter } from "./report.ts";

/**
 * Warns if another program uses the same port on ::1: the local cloud listens on 127.0.0.1, and `localhost` may reach
 * the other program.
 */
export async function warnOfOtherLocalhost(port: number, report: Reporter): Promise<void> {
  if (port === 0 || !(await accepts("::1", port))) return;
  report({
    event: "warning",
    message: `another program listens on [::1]:${port}: use 127.0.0.1 here, because "localhost" may reach that program instead`,
  });
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const settle = (accepted: boolean) => {
      socket.destroy();
      resolve(accepted);
    };
    socket.once("connect", () => settle(true));
    socket.once("error", () => settle(false));
    socket.setTimeout(200, () => settle(false));
  });
}
