const { randomUUID } = require("node:crypto");
const { setTimeout: sleep } = require("node:timers/promises");

/** An id of the execution environment; a new environment has another one. */
const environment = randomUUID();
let events = 0;
let running = 0;

const answer = (fields) => ({ statusCode: 200, body: JSON.stringify(fields) });

/** Counts the events of its environment, and how many of them run at once. */
exports.count = async ({ body }) => {
  events += 1;
  running += 1;
  const atOnce = running;
  await sleep(JSON.parse(body).ms ?? 0);
  running -= 1;
  return answer({ environment, events, atOnce });
};

const beats = [];
let heart;

/** Leaves a timer running after the first event; the answer to the second event lists the times at which it fired. */
exports.beat = async () => {
  const startedAt = Date.now();
  if (heart === undefined) {
    heart = setInterval(() => beats.push(Date.now()), 5);
    await sleep(50);
    return answer({ startedAt, beats, returnedAt: Date.now() });
  }
  await sleep(50);
  clearInterval(heart);
  return answer({ startedAt, beats });
};

exports.sleepForever = async ({ body }) => {
  if (JSON.parse(body).awake !== undefined) return answer({ environment });
  await sleep(60_000);
};

exports.neverSettle = ({ body }) => {
  if (JSON.parse(body).awake !== undefined) return Promise.resolve(answer({ environment }));
  return new Promise(() => {});
};

exports.exit = async ({ body }) => {
  const { code } = JSON.parse(body);
  if (code === undefined) return answer({ environment });
  process.exit(code);
};

/** Doesn't return a promise, and never calls back. */
exports.forgetCallback = ({ body }, _context, callback) => {
  if (JSON.parse(body).awake !== undefined)
    callback(null, answer({ environment, listeners: process.listenerCount("beforeExit") }));
  else setTimeout(() => {}, 10);
};

exports.answerAtLength = async ({ body }) => answer({ text: "x".repeat(JSON.parse(body).length) });

class OutOfPaper extends Error {
  name = "OutOfPaper";
}

exports.fail = async () => {
  throw new OutOfPaper("the tray is empty");
};

exports.leaveRejection = async () => {
  Promise.reject(new OutOfPaper("nobody waits for it"));
  await sleep(1_000);
};

exports.throwLater = async () => {
  setTimeout(() => {
    throw "a word";
  }, 1);
  await sleep(1_000);
};

exports.log = async ({ body }, context) => {
  const { marker } = JSON.parse(body);
  console.log(marker, { level: 1 });
  console.info(marker);
  console.warn(marker);
  console.error(marker);
  console.debug(marker);
  return answer({ requestId: context.awsRequestId });
};

exports.look = async (_, context) =>
  answer({
    variables: process.env,
    context: { ...context, remainingMs: context.getRemainingTimeInMillis() },
  });
