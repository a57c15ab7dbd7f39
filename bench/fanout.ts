/** `npm run bench:fanout`: compares the CPU time that several implementations of one post take. */
import { commandLine } from "../cli/commandLine.ts";
import { compareWays } from "./compareWays.ts";

const HELP = `Measures the CPU time of a post to a connection, as the fan-out makes it, compared with a bare request,
a request by our HTTP client without a signature, a request signed by the SDK's signer, and the SDK's client.

  npm run bench:fanout -- [options]

  --posts N    posts per round                                            (default: 2000)
  --rounds N   rounds per implementation; the cheapest one counts         (default: 8)
  --help       print this
`;

const { posts, rounds } = commandLine(HELP, {
  posts: { type: "string", default: "2000" },
  rounds: { type: "string", default: "8" },
});

await compareWays({
  module: "posting.ts",
  calls: Number(posts),
  rounds: Number(rounds),
  call: "post",
  bare: "bare http.request",
});
