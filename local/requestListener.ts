import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Reporter } from "./report.ts";

/**
 * Creates a listener from a function that may fail. A failed request never ends the local cloud: a request whose client
 * is gone is dropped, and any other failure is reported and answered with 500.
 *
 * @param body JSON body of the 500 answer
 */
export function requestListener(
  answer: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
  report: Reporter,
  body: object = { message: "Internal Server Error" },
): RequestListener {
  return (request, response) => {
    answer(request, response).catch((error: Error) => {
      if (request.destroyed && !request.complete) return;
      report({ event: "error", message: `a request could not be answered: ${error.message}` });
      if (response.headersSent) response.destroy();
      else response.writeHead(500, { "content-type": "application/json" }).end(JSON.stringify(body));
    });
  };
}
