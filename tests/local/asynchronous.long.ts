/** Tests Lambda's Invoke and the fate of accepted events, with the test's own clock. */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { sha256, sign } from "../../chat/signed/signature.ts";
import type { Cloud } from "../../local/cloud.ts";
import { AsynchronousInvocations } from "../../local/functions/asynchronous.ts";
import { DEFAULT_EVENT_INVOKE_CONFIG, type LambdaFunction } from "../../local/functions/function.ts";
import type { Message } from "../../local/queues/queue.ts";
import type { Report } from "../../local/report.ts";
import { REGION, startProgram } from "./startProgram.ts";
import { TestClock, WAIT } from "./testClock.ts";

type ReportOf<Event extends Report["event"]> = Extract<Report, { event: Event }>;

const ARN = `arn:aws:lambda:${REGION}:000000000000:function`;
const FOLDER = resolve(import.meta.dirname, "../programs/asynchronous");
const start = (clock: TestClock, config?: Record<string, string>) =>
  startProgram(FOLDER, "../../../tsconfig.pulumi.json", clock, config);

const clock = new TestClock();
let cloud: Cloud;
let reports: Report[];
let inboxUrl: string;
let lambda: LambdaClient;

beforeAll(async () => {
  const started = await start(clock);
  ({ cloud, reports } = started);
  inboxUrl = (await started.deployed).outputs.inboxUrl as string;
  lambda = new LambdaClient({
    region: REGION,
    endpoint: cloud.endpointUrl,
    credentials: cloud.access.sessions.credentialsOf(roleOf("dispatcher")),
    maxAttempts: 1,
  });
});
afterAll(() => cloud.stop());

function roleOf(functionName: string) {
  return (cloud.functions.get(functionName) as LambdaFunction).caller;
}

type InvocationType = "Event" | "RequestResponse" | "DryRun";

/** Invokes a function with the role of the function `dispatcher`. */
async function invoke(FunctionName: string, InvocationType: InvocationType, payload: unknown = {}, Qualifier?: string) {
  const Payload = Buffer.from(typeof payload === "string" ? payload : JSON.stringify(payload));
  const answer = await lambda.send(
    new InvokeCommand({ FunctionName, InvocationType, Payload, ...(Qualifier === undefined ? {} : { Qualifier }) }),
  );
  return {
    status: answer.StatusCode,
    functionError: answer.FunctionError,
    executedVersion: answer.ExecutedVersion,
    requestId: answer.$metadata.requestId as string,
    text: Buffer.from(answer.Payload ?? []).toString("utf8"),
  };
}

/** Name, status and message of the SDK's error; all undefined if the call succeeds. */
async function refusalOf(invoking: Promise<unknown>) {
  const error = await invoking.then(
    () => undefined,
    (reason) => reason,
  );
  return { name: error?.name, status: error?.$metadata?.httpStatusCode, message: error?.message };
}

function reportsOf<Event extends Report["event"]>(event: Event): ReportOf<Event>[] {
  return reports.filter((report) => report.event === event) as ReportOf<Event>[];
}

/** The values that a function has logged under this key, in objects such as `{"done": requestId}`. */
function logged(functionName: string, key: string): string[] {
  return reportsOf("log")
    .filter(({ group, line }) => group === `/aws/lambda/${functionName}` && line.includes(`{"${key}"`))
    .map(({ line }) => JSON.parse(line.slice(line.indexOf("{")))[key]);
}

/** Waits until a function has logged exactly these values, in this order. */
async function untilLogged(functionName: string, key: string, values: string[]) {
  await vi.waitFor(() => expect(logged(functionName, key).length).toBeGreaterThanOrEqual(values.length), WAIT);
  expect(logged(functionName, key)).toEqual(values);
}

/** Waits until a failed event has been sent to a queue. @returns the report about this, and the message in the queue */
async function letterOf(requestId: string, queueName: string) {
  const isLetter = (report: ReportOf<"deadLetter">) => report.requestId === requestId && report.queue === queueName;
  const report = await vi.waitFor(() => {
    const found = reportsOf("deadLetter").find(isLetter);
    expect(found).toBeDefined();
    return found as ReportOf<"deadLetter">;
  }, WAIT);
  const messages = messagesIn(queueName).filter(
    ({ body, attributes }) => attributes.RequestID?.StringValue === requestId || body.includes(requestId),
  );
  expect(messages).toHaveLength(1);
  return { report, ...(messages[0] as Message) };
}

function messagesIn(queueName: string): readonly Message[] {
  return cloud.queues.get(cloud.arnOf("sqs", queueName))?.messages ?? [];
}

/** A gate that blocks a function: the function requests the gate's URL, which answers when the test opens the gate. */
async function createGate() {
  const reached = Promise.withResolvers<void>();
  const opened = Promise.withResolvers<void>();
  const server = createServer((_, response) => {
    reached.resolve();
    void opened.promise.then(() => response.end());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    reached: reached.promise,
    open() {
      opened.resolve();
      server.close();
    },
  };
}

/** Waits for the warning that an event is lost. */
function lossOf(requestId: string): Promise<string> {
  return vi.waitFor(() => {
    const found = reportsOf("warning").find(({ message }) => message.includes(requestId));
    expect(found).toBeDefined();
    return (found as ReportOf<"warning">).message;
  }, WAIT);
}

describe("a function that invokes another", () => {
  const dispatch = async (target: string, type: InvocationType, payload: object = {}) =>
    JSON.parse((await invokeDispatcher({ target, type, payload })).payload);
  const invokeDispatcher = (event: object) =>
    (cloud.functions.get("dispatcher") as LambdaFunction).invoke(JSON.stringify(event));

  it("gets 202 and an empty body before the other function has run", async () => {
    const gate = await createGate();
    const { status, body, requestId } = await dispatch("work", "Event", { gate: gate.url });
    expect({ status, body }).toEqual({ status: 202, body: "" });
    expect(logged("work", "done")).not.toContain(requestId);
    await gate.reached;
    gate.open();
    await vi.waitFor(() => expect(logged("work", "done")).toContain(requestId), WAIT);
  });

  it("gets the other function's answer after a synchronous invocation", async () => {
    const { status, body } = await dispatch("work", "RequestResponse", { color: "green" });
    expect({ status, body }).toEqual({ status: 200, body: '{"event":{"color":"green"}}' });
  });

  it("is refused without a grant, the missing grant is reported, and the other function doesn't run", async () => {
    const { status, errorType, message } = await dispatch("secret", "Event");
    expect({ status, errorType }).toEqual({ status: 403, errorType: "AccessDeniedException" });
    const action = "lambda:InvokeFunction";
    expect(message).toMatch(
      /^User: arn:aws:sts::000000000000:assumed-role\/dispatcher\/dispatcher is not authorized to perform: lambda:InvokeFunction on resource: .*:function:secret because no identity-based policy allows the lambda:InvokeFunction action$/,
    );
    expect(reportsOf("denied").at(-1)).toMatchObject({
      caller: "arn:aws:sts::000000000000:assumed-role/dispatcher/dispatcher",
      action,
      resource: `${ARN}:secret`,
      fix: { Effect: "Allow", Action: action, Resource: `${ARN}:secret` },
    });
    expect(logged("secret", "done")).toEqual([]);
  });

  it("may invoke a function whose lambda.Permission names the invoker's role", async () => {
    expect((await dispatch("guarded", "RequestResponse")).status).toBe(200);
  });
});

describe("Invoke", () => {
  it("returns the function's result, by name or ARN, with or without $LATEST", async () => {
    for (const name of ["work", `${ARN}:work`, "000000000000:function:work", "work:$LATEST"]) {
      const { status, text, functionError, executedVersion, requestId } = await invoke(name, "RequestResponse", {
        name,
      });
      expect({ status, text: JSON.parse(text), functionError, executedVersion }).toEqual({
        status: 200,
        text: { event: { name } },
        functionError: undefined,
        executedVersion: "$LATEST",
      });
      await vi.waitFor(() => expect(logged("work", "done")).toContain(requestId), WAIT);
    }
  });

  it("states in a header that the function failed, and reports it", async () => {
    const { status, functionError, text } = await invoke("homeless", "RequestResponse");
    expect({ status, functionError }).toEqual({ status: 200, functionError: "Unhandled" });
    const failure = { errorType: "OutOfPaper", errorMessage: "the tray is empty" };
    expect(JSON.parse(text)).toMatchObject(failure);
    expect(reportsOf("failure").at(-1)).toMatchObject({ function: "homeless", ...failure });
  });

  it("is answered with 429 and the reason when the reserved concurrency is used up", async () => {
    const error = await lambda.send(new InvokeCommand({ FunctionName: "closed" })).catch((reason) => reason);
    expect(error).toMatchObject({
      name: "TooManyRequestsException",
      Reason: "ReservedFunctionConcurrentInvocationLimitExceeded",
      message: "Rate Exceeded.",
      $metadata: { httpStatusCode: 429 },
    });
  });

  it("runs nothing for DryRun, and answers 204", async () => {
    const done = logged("work", "done").length;
    expect(await invoke("work", "DryRun")).toMatchObject({ status: 204, text: "" });
    await invoke("work", "RequestResponse");
    await vi.waitFor(() => expect(logged("work", "done")).toHaveLength(done + 1), WAIT);
    expect((await refusalOf(invoke("secret", "DryRun"))).status).toBe(403);
  });

  it.each([
    { FunctionName: "nobody", qualifier: undefined, says: `${ARN}:nobody` },
    { FunctionName: "work", qualifier: "7", says: `${ARN}:work:7` },
  ])("reports that $says is unknown", async ({ FunctionName, qualifier, says }) => {
    expect(await refusalOf(invoke(FunctionName, "Event", {}, qualifier))).toEqual({
      name: "ResourceNotFoundException",
      status: 404,
      message: `Function not found: ${says}`,
    });
  });

  it.each([
    { type: "RequestResponse" as const, bytes: 6 * 2 ** 20 },
    { type: "Event" as const, bytes: 2 ** 20 },
  ])("accepts at most $bytes bytes for $type", async ({ type, bytes }) => {
    const ofLength = (length: number) => JSON.stringify("x".repeat(length - 2));
    expect((await invoke("work", type, ofLength(bytes))).functionError).toBeUndefined();
    expect(await refusalOf(invoke("work", type, ofLength(bytes + 1)))).toEqual({
      name: "RequestTooLargeException",
      status: 413,
      message: `Request must be smaller than ${bytes} bytes for the InvokeFunction operation`,
    });
  });

  it.each(["RequestResponse", "Event"] as const)("refuses a payload that is not JSON for %s", async (type) => {
    expect(await refusalOf(invoke("work", type, "{color: green}"))).toMatchObject({
      name: "InvalidRequestContentException",
      status: 400,
    });
  });

  it("passes an empty object to a function that is invoked without a payload", async () => {
    const { Payload } = await lambda.send(new InvokeCommand({ FunctionName: "work" }));
    expect(Buffer.from(Payload ?? []).toString("utf8")).toBe('{"event":{}}');
  });

  it("refuses unknown access keys", async () => {
    const stranger = new LambdaClient({
      region: REGION,
      endpoint: cloud.endpointUrl,
      credentials: { accessKeyId: "ASIASTRANGER", secretAccessKey: "local" },
      maxAttempts: 1,
    });
    expect(await refusalOf(stranger.send(new InvokeCommand({ FunctionName: "work" })))).toMatchObject({
      name: "UnrecognizedClientException",
      status: 403,
    });
  });
});

describe("an asynchronous event whose function fails", () => {
  it("is retried after one minute and then two, with the same request id, then goes to the dead-letter queue", async () => {
    const { requestId } = await invoke("failing", "Event", { letter: "a" });
    await untilLogged("failing", "tried", [requestId]);
    expect(await clock.nextPause()).toBe(60_000);
    clock.advance(59_999);
    expect(clock.timers).toBe(1);
    clock.advance(1);
    await untilLogged("failing", "tried", [requestId, requestId]);
    expect(await clock.nextPause()).toBe(120_000);
    expect(messagesIn("letters")).toEqual([]);
    clock.advance(120_000);
    const { report, body, attributes } = await letterOf(requestId, "letters");
    expect(logged("failing", "tried")).toEqual([requestId, requestId, requestId]);
    expect(clock.timers).toBe(0);
    expect(body).toBe('{"letter":"a"}');
    expect(attributes).toEqual({
      RequestID: { DataType: "String", StringValue: requestId },
      ErrorCode: { DataType: "Number", StringValue: "200" },
      ErrorMessage: { DataType: "String", StringValue: "the tray is empty" },
    });
    expect(report).toEqual({
      event: "deadLetter",
      queue: "letters",
      function: "failing",
      requestId,
      error: "RetriesExhausted: the tray is empty",
    });
    const failures = reportsOf("failure").filter((failure) => failure.function === "failing");
    expect(failures.map(({ errorType }) => errorType)).toEqual(["OutOfPaper", "OutOfPaper", "OutOfPaper"]);
  });

  it("isn't retried with MaximumRetryAttempts 0, and its record and dead letter go to their queues", async () => {
    const { requestId } = await invoke("failingOnce", "Event", { letter: "b" });
    const { body } = await letterOf(requestId, "records");
    expect(JSON.parse(body)).toEqual({
      version: "1.0",
      timestamp: new Date(clock.now()).toISOString(),
      requestContext: {
        requestId,
        functionArn: `${ARN}:failingOnce:$LATEST`,
        condition: "RetriesExhausted",
        approximateInvokeCount: 1,
      },
      requestPayload: { letter: "b" },
      responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
      responsePayload: { errorType: "OutOfPaper", errorMessage: "the tray is empty", trace: expect.any(Array) },
    });
    expect((await letterOf(requestId, "letters")).body).toBe('{"letter":"b"}');
    expect(clock.timers).toBe(0);
  });

  it("isn't retried if it would be too old at the time of the retry", async () => {
    const { requestId } = await invoke("ageing", "Event");
    const record = JSON.parse((await letterOf(requestId, "records")).body);
    expect(record.requestContext).toMatchObject({ condition: "EventAgeExceeded", approximateInvokeCount: 1 });
    expect(clock.timers).toBe(0);
    expect(logged("ageing", "tried")).toEqual([requestId]);
  });

  it("is lost with a warning if it has no destination", async () => {
    const { requestId } = await invoke("homeless", "Event");
    expect(await lossOf(requestId)).toMatch(/^homeless gave up .* no dead-letter queue: the event is lost$/);
  });

  it("is lost with a warning if the function's role can no longer send, and the denial is reported", async () => {
    const { requestId } = await invoke("muted", "Event");
    expect(await lossOf(requestId)).toMatch(/the role muted isn't allowed to send to arn:aws:sqs:.*:letters$/);
    const denied = reportsOf("denied").find(({ action }) => action === "sqs:SendMessage");
    expect(denied).toMatchObject({
      caller: "arn:aws:sts::000000000000:assumed-role/muted/muted",
      resource: cloud.arnOf("sqs", "letters"),
      why: "with an explicit deny in an identity-based policy",
    });
  });

  it("is lost with a warning if the queue doesn't accept its size", async () => {
    const { requestId } = await invoke("failingOnce", "Event", { letter: "x".repeat(262_144) });
    expect(await lossOf(requestId)).toMatch(/refused it: Message must be shorter than 262144 bytes\.$/);
  });
});

describe("an asynchronous event whose function is throttled", () => {
  /** Keeps the only execution environment of `narrow` busy until it is released. */
  async function occupy() {
    const gate = await createGate();
    const occupying = invoke("narrow", "RequestResponse", { gate: gate.url });
    await gate.reached;
    return {
      async release() {
        gate.open();
        await occupying;
      },
    };
  }

  it("is retried after growing pauses until it runs, with its request id", async () => {
    const waitedBefore = reportsOf("waiting").length;
    const occupant = await occupy();
    const { requestId } = await invoke("narrow", "Event", {});
    expect(await clock.nextPause()).toBe(1_000);
    clock.advance(1_000);
    expect(await clock.nextPause()).toBe(2_000);
    const why = expect.stringContaining("reserved concurrency is 1");
    expect(reportsOf("waiting").slice(waitedBefore)).toEqual([
      { event: "waiting", function: "narrow", invocations: 1, why },
    ]);
    await occupant.release();
    expect(logged("narrow", "done")).not.toContain(requestId);
    clock.advance(2_000);
    await vi.waitFor(() => expect(logged("narrow", "done")).toContain(requestId), WAIT);
    expect(clock.timers).toBe(0);
  });

  it("is given up when it gets too old, without ever having run", async () => {
    const occupant = await occupy();
    const { requestId } = await invoke("narrow", "Event", { letter: "c" });
    for (const pause of [1_000, 2_000, 4_000, 8_000, 16_000]) {
      expect(await clock.nextPause()).toBe(pause);
      clock.advance(pause);
    }
    const record = JSON.parse((await letterOf(requestId, "records")).body);
    expect(record).toMatchObject({
      requestContext: { condition: "EventAgeExceeded", approximateInvokeCount: 0 },
      requestPayload: { letter: "c" },
      responseContext: { statusCode: 429 },
    });
    expect(record).not.toHaveProperty("responsePayload");
    await occupant.release();
    expect(logged("narrow", "done")).not.toContain(requestId);
  });

  it("is given up at once if its function has no reserved concurrency", async () => {
    const { requestId } = await invoke("closed", "Event");
    const { report, attributes } = await letterOf(requestId, "letters");
    expect(report.error).toMatch(/^ZeroReservedConcurrency: /);
    expect(attributes).not.toHaveProperty("ErrorCode");
    expect(clock.timers).toBe(0);
  });
});

describe("a role that can't send to a queue it needs", () => {
  it.each([
    { ungranted: "deadLetters", role: "ungranted", queue: "letters" },
    { ungranted: "destination", role: "secret", queue: "records" },
  ])("is refused at startup, naming role, action and queue: $ungranted", async ({ ungranted, role, queue }) => {
    const started = await start(new TestClock(), { "asynchronous:ungranted": ungranted });
    await expect(started.deployed).rejects.toThrow("ended with exit code");
    const errors = started.reports.flatMap((report) => (report.event === "error" ? [report.message] : []));
    expect(errors.join("\n")).toContain(
      "The provided execution role does not have permissions to call SendMessage on SQS: " +
        `the role ${role} of the function ${role} needs sqs:SendMessage on ${cloud.arnOf("sqs", queue)}`,
    );
    await started.cloud.stop();
  });
});

describe("the end of the local cloud", () => {
  it("cancels the timers of waiting events, and reports these events as lost", async () => {
    const ownClock = new TestClock();
    const said: Report[] = [];
    const asynchronous = new AsynchronousInvocations(
      ownClock,
      (report) => said.push(report),
      () => {},
    );
    const payload = JSON.stringify({ errorType: "OutOfPaper", errorMessage: "the tray is empty" });
    const target = {
      settings: { name: "failing" },
      eventInvokeConfig: DEFAULT_EVENT_INVOKE_CONFIG,
      invoke: async () => ({ payload, failed: true }),
    } as unknown as LambdaFunction;
    asynchronous.accept(target, "{}");
    await ownClock.nextPause();
    expect(ownClock.timers).toBe(1);
    asynchronous.end();
    expect(ownClock.timers).toBe(0);
    expect(said.at(-1)).toMatchObject({ event: "warning", message: expect.stringMatching(/^1 .*\(failing\)/) });
  });

  it("isn't delayed by a pending timer", async () => {
    const script = 'import { systemClock } from "./local/clock.ts"; systemClock.after(60_000, () => {});';
    const run = promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script], { timeout: 10_000 });
    await expect(run).resolves.toMatchObject({ stderr: "" });
  });
});

describe("SQS", () => {
  // biome-ignore lint/suspicious/noExplicitAny: a test says what it expects of an answer
  async function call(operation: string, fields: object, role = "dispatcher"): Promise<any> {
    const body = JSON.stringify(fields);
    const headers = { "content-type": "application/x-amz-json-1.0", "x-amz-target": `AmazonSQS.${operation}` };
    const { host } = new URL(cloud.endpointUrl);
    const signed = sign(
      { method: "POST", host, path: "/", headers, bodyHash: sha256(body) },
      { region: REGION, service: "sqs" },
      cloud.access.sessions.credentialsOf(roleOf(role)),
    );
    const response = await fetch(cloud.endpointUrl, { method: "POST", headers: { ...headers, ...signed }, body });
    return { status: response.status, ...((await response.json()) as object) };
  }

  it("delivers a message, hides it, and delivers it again after the visibility timeout", async () => {
    expect(await call("GetQueueUrl", { QueueName: "inbox" })).toMatchObject({ status: 200, QueueUrl: inboxUrl });
    const QueueUrl = inboxUrl;
    const MessageAttributes = { Color: { DataType: "String", StringValue: "green" } };
    const sent = await call("SendMessage", { QueueUrl, MessageBody: "hello", MessageAttributes });
    expect(sent).toMatchObject({ status: 200, MD5OfMessageBody: "5d41402abc4b2a76b9719d911017c592" });
    const asked = {
      QueueUrl,
      MessageAttributeNames: ["All"],
      MessageSystemAttributeNames: ["ApproximateReceiveCount"],
    };
    const first = await call("ReceiveMessage", asked);
    expect(first.Messages).toEqual([
      {
        MessageId: sent.MessageId,
        ReceiptHandle: expect.any(String),
        MD5OfBody: sent.MD5OfMessageBody,
        Body: "hello",
        Attributes: { ApproximateReceiveCount: "1" },
        MessageAttributes,
      },
    ]);
    const { Attributes } = await call("GetQueueAttributes", { QueueUrl, AttributeNames: ["All"] });
    expect(Attributes).toMatchObject({
      QueueArn: cloud.arnOf("sqs", "inbox"),
      ApproximateNumberOfMessages: "0",
      ApproximateNumberOfMessagesNotVisible: "1",
    });
    expect(await call("ReceiveMessage", asked)).toEqual({ status: 200 });
    clock.advance(30_000);
    expect((await call("ReceiveMessage", asked)).Messages[0].Attributes).toEqual({ ApproximateReceiveCount: "2" });
  });

  it("waits for a message as long as requested", async () => {
    cloud.queues.get(cloud.arnOf("sqs", "inbox"))?.receive(10);
    const receiving = call("ReceiveMessage", { QueueUrl: inboxUrl, WaitTimeSeconds: 10 });
    await call("SendMessage", { QueueUrl: inboxUrl, MessageBody: "later" });
    expect((await receiving).Messages).toMatchObject([{ Body: "later" }]);
  });

  it("accepts batches whose entries succeed or fail separately, and shows a hidden message again on request", async () => {
    const QueueUrl = inboxUrl;
    const entries = [{ Id: "a", MessageBody: "of a batch" }, { Id: "b" }];
    expect(await call("SendMessageBatch", { QueueUrl, Entries: entries })).toMatchObject({
      status: 200,
      Successful: [{ Id: "a", MD5OfMessageBody: expect.any(String) }],
      Failed: [{ Id: "b", Code: "MissingParameter", SenderFault: true }],
    });
    const { Messages } = await call("ReceiveMessage", { QueueUrl, MaxNumberOfMessages: 10 });
    const { ReceiptHandle } = Messages.find(({ Body }: { Body: string }) => Body === "of a batch");
    const receive = async () =>
      (await call("ReceiveMessage", { QueueUrl })).Messages?.map(({ Body }: { Body: string }) => Body);
    expect(await receive()).toBeUndefined();
    const shown = { QueueUrl, ReceiptHandle, VisibilityTimeout: 0 };
    expect((await call("ChangeMessageVisibility", shown)).status).toBe(200);
    expect(await receive()).toEqual(["of a batch"]);
    const stale = { ...shown, ReceiptHandle: "stale" };
    expect(await call("ChangeMessageVisibility", stale)).toMatchObject({ status: 400 });
    expect(await call("SendMessageBatch", { QueueUrl, Entries: [] })).toMatchObject({
      __type: "com.amazonaws.sqs#EmptyBatchRequest",
    });
    const twins = [entries[0], entries[0]];
    expect(await call("SendMessageBatch", { QueueUrl, Entries: twins })).toMatchObject({
      __type: "com.amazonaws.sqs#BatchEntryIdsNotDistinct",
    });
  });

  it("deletes a message by its receipt handle if the policies allow it", async () => {
    const [message] = messagesIn("inbox");
    const deletion = { QueueUrl: inboxUrl, ReceiptHandle: message?.receiptHandle };
    const refused = { status: 403, __type: "com.amazonaws.sqs#AccessDeniedException" };
    expect(await call("DeleteMessage", deletion)).toMatchObject(refused);
    expect(messagesIn("inbox")).toContain(message);
    expect((await call("DeleteMessage", deletion, "guarded")).status).toBe(200);
    expect(messagesIn("inbox")).not.toContain(message);
  });

  it("refuses a queue that the caller's role has no grant for, and an operation that isn't supported", async () => {
    expect(
      await call("SendMessage", { QueueUrl: "http://sqs/000000000000/other", MessageBody: "hello" }),
    ).toMatchObject({
      status: 403,
      message: expect.stringContaining("is not authorized to perform: sqs:SendMessage"),
    });
    expect(await call("PurgeQueue", { QueueUrl: inboxUrl })).toMatchObject({
      status: 400,
      message: expect.stringContaining("ReceiveMessage"),
    });
  });
});
