import { createFunction, serveRoutes } from "../resources";

const functions = {
  count: createFunction("count"),
  countInTurn: createFunction("countInTurn", { handler: "count" }),
  beat: createFunction("beat"),
  sleepForever: createFunction("sleepForever", { timeout: 1 }),
  neverSettle: createFunction("neverSettle"),
  forgetCallback: createFunction("forgetCallback", { runtime: "nodejs22.x" }),
  answerAtLength: createFunction("answerAtLength"),
  exit: createFunction("exit"),
  exitWithError: createFunction("exitWithError", { handler: "exit" }),
  fail: createFunction("fail"),
  failAtInit: createFunction("failAtInit", { code: 'throw new TypeError("the drawer is stuck");' }),
  exportNothing: createFunction("exportNothing", { code: "exports.other = async () => {};" }),
  misspelled: createFunction("misspelled", {
    code: "// A comment.\nexports.misspelled = async () => { const a = ; };",
  }),
  leaveRejection: createFunction("leaveRejection"),
  throwLater: createFunction("throwLater"),
  withoutDot: createFunction("withoutDot", { handler: "./handler" }),
  inMissingFile: createFunction("inMissingFile", { handler: "nowhere.handler" }),
  requireMissing: createFunction("requireMissing", { code: 'require("not-in-the-archive");' }),
  log: createFunction("log", { memorySize: 192 }),
  logSecretly: createFunction("logSecretly", { handler: "log", mayLog: false }),
  countReserved: createFunction("countReserved", { handler: "count", reservedConcurrency: 1 }),
  look: createFunction("look", { memorySize: 256, timeout: 7, variables: { COLOR: "green", EMPTY: "" } }),
};

export const url = serveRoutes(
  "functions",
  Object.fromEntries(Object.entries(functions).map(([name, target]) => [name, { target }])),
);
