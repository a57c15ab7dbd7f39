/** `npm run scale`: counts the AWS usage of each action. */
import { commandLine } from "../cli/commandLine.ts";
import { type Cost, measureActions } from "./scale/actions.ts";
import { shown, table } from "./simulate/report.ts";

const HELP = `Counts each action's usage of DynamoDB, Lambda and @connections, on a local cloud with and without a lobby.
npm run simulate prints what a given number of connections needs from AWS.

  npm run scale -- [options]

  --rooms N   rooms that a person is in, besides the lobby: 1 to 25      (default: 3)
  --help      print this
`;

const LOBBY = "lobby";

const options = commandLine(HELP, { rooms: { type: "string", default: "3" } });
const rooms = Number(options.rooms);
if (!Number.isInteger(rooms) || rooms < 1 || rooms > 25) {
  console.error(`--rooms is "${options.rooms}"; it must be a whole number from 1 to 25; --help shows the options`);
  process.exit(1);
}

console.error("Counting on a local cloud with a lobby, and on one without …");
const withLobby = await measureActions(LOBBY, rooms);
const without = await measureActions("", rooms);
console.log(
  table(
    ["Action", "Invocations", "Write units", "Read units", "`@connections` calls", "Without a lobby"],
    [...withLobby.values()].map((cost) => [cost.action, ...cells(cost), difference(cost, without.get(cost.action))]),
  ),
);

function cells({ invocations, writeUnits, readUnits, posts }: Cost): string[] {
  return [invocations, writeUnits, readUnits, posts].map(shown);
}

function difference(cost: Cost, other: Cost | undefined): string {
  if (other === undefined) return "—";
  const [mine, theirs] = [cells(cost), cells(other)];
  return mine.join() === theirs.join() ? "the same" : theirs.join(" / ");
}
