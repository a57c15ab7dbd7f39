/** `npm run bench:dynamodb`: compares the CPU time that several implementations of one DynamoDB call take. */
import { commandLine } from "../cli/commandLine.ts";
import { compareWays } from "./compareWays.ts";

const HELP = `Measures the CPU time that a function needs for a put to DynamoDB: as the chat's functions make it, with
the SDK's client as it comes, and as a bare request without a signature.

  npm run bench:dynamodb -- [options]

  --puts N     puts per round                                             (default: 2000)
  --rounds N   rounds per implementation; the cheapest one counts         (default: 8)
  --help       print this
`;

const { puts, rounds } = commandLine(HELP, {
  puts: { type: "string", default: "2000" },
  rounds: { type: "string", default: "8" },
});

await compareWays({
  module: "putting.ts",
  calls: Number(puts),
  rounds: Number(rounds),
  call: "put",
  bare: "bare http.request",
});
