/** Tests how the Lambda runtime handles a function, through routes that return the function's answer. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LocalCloud, startLocalCloud } from "../localCloud.ts";
import { type Frame, TestClient } from "../webSocketClient.ts";
import { logEntryOf, logLinesOf } from "./functionLog.ts";

let cloud: LocalCloud;

beforeAll(async () => {
  cloud = await startLocalCloud(["--program", "tests/programs/functions"]);
});
afterAll(() => cloud.stop());

const open = () => TestClient.open(cloud.outputs.url as string);

/** Invokes a function once and returns its answer, or API Gateway's error. */
async function invoke(name: string, fields: Record<string, unknown> = {}): Promise<Frame> {
  const client = await open();
  client.send({ action: name, ...fields });
  const answer = await client.next();
  client.socket.close();
  return answer;
}

/** Invokes a function that fails, as a client, and returns its failure. */
async function failureOf(name: string, fields: Record<string, unknown> = {}) {
  expect(await invoke(name, fields)).toMatchObject({ message: "Internal server error" });
  return cloud.waitFor("failure", (failure) => failure.function === name);
}

const UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
const aUuid = expect.stringMatching(new RegExp(`^${UUID}$`));

describe("an execution environment", () => {
  it("keeps its modules' state from one event to the next", async () => {
    const first = await invoke("countInTurn");
    const second = await invoke("countInTurn");
    expect(second).toMatchObject({ environment: first.environment, events: first.events + 1 });
  });

  it("runs one event at a time: concurrent events go to other environments", async () => {
    const client = await open();
    for (let i = 0; i < 4; i++) client.send({ action: "count", ms: 200 });
    const answers = [];
    for (let i = 0; i < 4; i++) answers.push(await client.next());
    expect(answers.map(({ atOnce }) => atOnce)).toEqual([1, 1, 1, 1]);
    expect(new Set(answers.map(({ environment }) => environment)).size).toBeGreaterThan(1);
  });

  it("is frozen after its answer: work that wasn't awaited continues at the next event", async () => {
    const { beats, returnedAt } = await invoke("beat");
    expect(beats.length).toBeGreaterThan(0);
    // Nothing signals that a timer doesn't fire, so time has to pass.
    await sleep(300);
    const next = await invoke("beat");
    const later: number[] = next.beats.slice(beats.length);
    // The freeze may come up to 50 ms after the answer.
    expect(later.filter((at) => at > returnedAt + 50 && at < next.startedAt)).toEqual([]);
    expect(later.filter((at) => at >= next.startedAt).length).toBeGreaterThan(0);
  });

  it("is discarded if the function exceeds its timeout", async () => {
    const { environment } = await invoke("sleepForever", { awake: true });
    const { errorType, errorMessage } = await failureOf("sleepForever");
    expect(errorType).toBe("Sandbox.Timedout");
    expect(errorMessage).toMatch(new RegExp(`^RequestId: ${UUID} Error: Task timed out after 1\\.00 seconds$`));
    expect((await invoke("sleepForever", { awake: true })).environment).not.toBe(environment);
  });

  it("ends if the function's promise can never settle: Runtime.NodeJsExit", async () => {
    const { environment } = await invoke("neverSettle", { awake: true });
    expect((await failureOf("neverSettle")).errorType).toBe("Runtime.NodeJsExit");
    expect((await invoke("neverSettle", { awake: true })).environment).not.toBe(environment);
    expect(cloud.stderr()).toBe("");
  });

  it("answers null for a handler with a callback that it doesn't call, and stays", async () => {
    const client = await open();
    client.send({ action: "forgetCallback", awake: true });
    const first = await client.next();
    // The answer to this frame is empty, so the client gets nothing.
    client.send({ action: "forgetCallback" });
    client.send({ action: "forgetCallback", awake: true });
    expect(await client.next()).toEqual(first);
    // An event that called back leaves no listener behind.
    client.send({ action: "forgetCallback", awake: true });
    expect(await client.next()).toEqual(first);
    expect(
      cloud.reports.filter((report) => report.event === "failure" && report.function === "forgetCallback"),
    ).toEqual([]);
  });

  it("fails if its answer is larger than 6 MB: Function.ResponseSizeTooLarge", async () => {
    const failure = await failureOf("answerAtLength", { length: 6_291_556 });
    expect(failure).toMatchObject({
      errorType: "Function.ResponseSizeTooLarge",
      errorMessage: "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
    });
  });

  it.each([
    { name: "exit", code: 0 },
    { name: "exitWithError", code: 3 },
  ])("ends if the function exits with $code: Runtime.ExitError", async ({ name, code }) => {
    const { environment } = await invoke(name);
    const { errorType, errorMessage } = await failureOf(name, { code });
    expect(errorType).toBe("Runtime.ExitError");
    expect(errorMessage).toMatch(/Runtime exited/);
    expect((await invoke(name)).environment).not.toBe(environment);
  });

  it("has the function's variables and Lambda's own, and none of this machine's", async () => {
    const { variables } = await invoke("look");
    expect(variables).toMatchObject({
      COLOR: "green",
      EMPTY: "",
      AWS_REGION: "eu-central-1",
      AWS_DEFAULT_REGION: "eu-central-1",
      AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
      AWS_LAMBDA_FUNCTION_NAME: "look",
      AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "256",
      AWS_LAMBDA_LOG_GROUP_NAME: "/aws/lambda/look",
      AWS_ACCESS_KEY_ID: expect.any(String),
      AWS_SECRET_ACCESS_KEY: expect.any(String),
      AWS_SESSION_TOKEN: expect.any(String),
      TZ: ":UTC",
      _HANDLER: "index.look",
    });
    // The test runner sets VITEST, and the local cloud inherits it.
    expect(process.env).toHaveProperty("VITEST");
    expect(variables).not.toHaveProperty("VITEST");
  });
});

describe("a handler's context", () => {
  it("states the function, the request and the remaining time", async () => {
    const { context } = await invoke("look");
    expect(context).toMatchObject({
      functionName: "look",
      functionVersion: "$LATEST",
      invokedFunctionArn: "arn:aws:lambda:eu-central-1:000000000000:function:look",
      memoryLimitInMB: "256",
      awsRequestId: aUuid,
      logGroupName: "/aws/lambda/look",
      logStreamName: expect.stringMatching(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/),
      callbackWaitsForEmptyEventLoop: true,
    });
    expect(context.remainingMs).toBeGreaterThan(5_000);
    expect(context.remainingMs).toBeLessThanOrEqual(7_000);
  });
});

describe("a function", () => {
  it("fails with the name and message of the error that it throws", async () => {
    expect(await failureOf("fail")).toMatchObject({ errorType: "OutOfPaper", errorMessage: "the tray is empty" });
  });

  it.each([
    { name: "failAtInit", what: "throws", errorType: "TypeError", says: "the drawer is stuck" },
    {
      name: "exportNothing",
      what: "doesn't export the handler",
      errorType: "Runtime.HandlerNotFound",
      says: "index.exportNothing is undefined or not exported",
    },
    {
      name: "requireMissing",
      what: "requires a missing module",
      errorType: "Runtime.ImportModuleError",
      says: "Cannot find module 'not-in-the-archive'",
    },
    {
      name: "withoutDot",
      what: "is named by a handler without a dot",
      errorType: "Runtime.MalformedHandlerName",
      says: "Bad handler",
    },
    {
      name: "inMissingFile",
      what: "isn't in the archive",
      errorType: "Runtime.ImportModuleError",
      says: "Error: Cannot find module 'nowhere'",
    },
    {
      name: "misspelled",
      what: "isn't JavaScript",
      errorType: "Runtime.UserCodeSyntaxError",
      says: "SyntaxError: Unexpected token ';'",
    },
  ])("fails on every event if its module $what: $errorType", async ({ name, errorType, says }) => {
    await failureOf(name);
    await failureOf(name);
    const failures = cloud.reports.flatMap((r) => (r.event === "failure" && r.function === name ? [r] : []));
    expect(failures).toHaveLength(2);
    for (const failure of failures) {
      expect(failure.errorType).toBe(errorType);
      expect(failure.errorMessage).toContain(says);
    }
  });

  it("that isn't JavaScript is reported with file and line", async () => {
    expect((await failureOf("misspelled")).trace).toEqual(["at index.js:2"]);
  });

  it("fails with an error that nothing handles, which is reported with its stack trace", async () => {
    expect(await failureOf("leaveRejection")).toMatchObject({
      errorType: "Runtime.UnhandledPromiseRejection",
      errorMessage: "OutOfPaper: nobody waits for it",
      trace: [expect.stringMatching(/^at exports\.leaveRejection \(index\.js:\d+:\d+\)$/)],
    });
    expect((await failureOf("throwLater")).errorMessage).toBe("a word");
  });

  it("is throttled above its reserved concurrency, and runs again when there is room", async () => {
    const client = await open();
    client.send({ action: "countReserved", ms: 500 });
    client.send({ action: "countReserved" });
    expect(await client.next()).toMatchObject({ message: "Internal server error" });
    expect(await client.next()).toMatchObject({ events: 1 });
    expect(await invoke("countReserved")).toMatchObject({ events: 2 });
  });
});

describe("a function's log", () => {
  /** Invokes the function that logs, and returns the lines about this request. */
  async function linesOfOneRequest(marker: string): Promise<string[]> {
    const { requestId } = await invoke("log", { marker });
    const isReport = (line: string) => line.startsWith(`REPORT RequestId: ${requestId}`);
    await cloud.waitFor("log", ({ line }) => isReport(line));
    return logLinesOf(cloud, "log")
      .filter((line) => line.includes(requestId))
      .map((line) => line.replaceAll(requestId, "ID"));
  }

  /** The numbers in the last line, which must be a REPORT line. */
  function figuresOf(lines: string[]) {
    const report = new RegExp(
      "^REPORT RequestId: ID\\tDuration: (\\d+\\.\\d\\d) ms\\tBilled Duration: (\\d+) ms\\tMemory Size: (\\d+) MB" +
        "\\tMax Memory Used: (\\d+) MB(?:\\tInit Duration: (\\d+\\.\\d\\d) ms)?\\t?$",
    );
    const found = report.exec(lines.at(-1) ?? "");
    expect(found, `${lines.at(-1)}`).not.toBeNull();
    const [, duration, billed, size, used, init] = found ?? [];
    return {
      duration: Number(duration),
      billed: Number(billed),
      size: Number(size),
      used: Number(used),
      init: init === undefined ? undefined : Number(init),
    };
  }

  it("has START, the function's output, END and REPORT for each request, in this order", async () => {
    const lines = await linesOfOneRequest("apple");
    expect(lines[0]).toBe("START RequestId: ID Version: $LATEST");
    expect(lines.slice(1, -2).map(logEntryOf)).toEqual([
      { time: anIsoTime, requestId: "ID", level: "INFO", message: "apple { level: 1 }" },
      { time: anIsoTime, requestId: "ID", level: "INFO", message: "apple" },
      { time: anIsoTime, requestId: "ID", level: "WARN", message: "apple" },
      { time: anIsoTime, requestId: "ID", level: "ERROR", message: "apple" },
      { time: anIsoTime, requestId: "ID", level: "DEBUG", message: "apple" },
    ]);
    expect(lines.at(-2)).toBe("END RequestId: ID");
    expect(lines.at(-1)).toMatch(/^REPORT RequestId: ID\t/);
  });

  const anIsoTime = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

  it("begins with INIT_START", async () => {
    await linesOfOneRequest("pear");
    expect(logLinesOf(cloud, "log")[0]).toMatch(/^INIT_START Runtime Version: \S+/);
  });

  it("reports times and memory; a cold start's init time is reported and billed once", async () => {
    await linesOfOneRequest("plum");
    const warm = figuresOf(await linesOfOneRequest("plum"));
    expect(warm.init).toBeUndefined();
    expect(warm.billed).toBe(Math.ceil(warm.duration));
    expect(warm.size).toBe(192);
    expect(warm.used).toBeGreaterThan(0);
    const reports = logLinesOf(cloud, "log").filter((line) => line.startsWith("REPORT"));
    expect(reports.filter((line) => line.includes("Init Duration"))).toEqual([reports[0]]);
    const cold = figuresOf([(reports[0] as string).replace(new RegExp(UUID), "ID")]);
    expect(cold.init).toBeGreaterThan(0);
    expect(Math.abs(cold.billed - (cold.duration + (cold.init ?? 0)))).toBeLessThanOrEqual(2);
  });

  it("stays empty if the function's role may not write to it, and the missing permission is reported", async () => {
    expect(await invoke("logSecretly", { marker: "fig" })).toEqual({ requestId: aUuid });
    const { caller, action, resource, fix } = await cloud.waitFor("denied", (denied) =>
      denied.action.startsWith("logs:"),
    );
    expect(caller).toBe("arn:aws:sts::000000000000:assumed-role/logSecretly/logSecretly");
    expect(resource).toMatch(/^arn:aws:logs:eu-central-1:000000000000:log-group:\/aws\/lambda\/logSecretly:/);
    expect(fix).toEqual({ Effect: "Allow", Action: action, Resource: resource });
    expect(logLinesOf(cloud, "logSecretly")).toEqual([]);
  });
});
