/** Tests the helper with which backends publish. A stand-in for the function gives the answers that a test chooses. */
import { expect, test, vi } from "vitest";
import { type LambdaInvoker, type MessageToPublish, publish } from "../../client/publish/index.ts";
import type { PublishAnswer, PublishRequest } from "../../protocol/publish.ts";

type Answer = PublishAnswer | "failed" | Error;

/** @param answers one for each request; a request without an answer here publishes all of its messages */
function functionOf(answers: (Answer | undefined)[]): { lambda: LambdaInvoker; requests: PublishRequest[] } {
  const requests: PublishRequest[] = [];
  const lambda: LambdaInvoker = {
    async invoke({ FunctionName, Payload }) {
      expect(FunctionName).toBe("arn");
      const request = JSON.parse(Payload) as PublishRequest;
      const answer = answers[requests.push(request) - 1] ?? {
        results: request.entries.map(({ id }, i) => ({ id, seq: i + 1, sentAt: 1 })),
      };
      if (answer instanceof Error) throw answer;
      if (answer === "failed") return { FunctionError: "Unhandled", Payload: new TextEncoder().encode("{}") };
      return { Payload: new TextEncoder().encode(JSON.stringify(answer)) };
    },
  };
  return { lambda, requests };
}

/** Publishes without real waiting. */
async function published(lambda: LambdaInvoker, messages: MessageToPublish[], attempts?: number) {
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  try {
    const options = { lambda, functionArn: "arn", service: "billing", ...(attempts && { attempts }) };
    const outcome = publish(options, messages);
    // Prevents an unhandled rejection until the test awaits it.
    outcome.catch(() => {});
    await vi.runAllTimersAsync();
    return await outcome;
  } finally {
    vi.useRealTimers();
  }
}

const busy = { code: "RATE_LIMITED", message: "too fast", retryable: true, retryAfterMs: 2_000 } as const;
const wrong = { code: "BAD_REQUEST", message: "text: must not be empty", retryable: false, path: "text" } as const;
const say = (text: string, id?: string): MessageToPublish => ({ room: "r", text, ...(id && { id }) });

test("publish() gives every message an id and keeps existing ones", async () => {
  const { lambda, requests } = functionOf([]);
  const results = await published(lambda, [say("a"), say("b", "mine"), say("c")]);
  const ids = requests[0]?.entries.map(({ id }) => id) as string[];
  expect(ids[1]).toBe("mine");
  expect(new Set(ids).size).toBe(3);
  expect(requests[0]).toEqual({
    service: "billing",
    entries: ["a", "b", "c"].map((text, i) => ({ ...say(text), id: ids[i] })),
  });
  expect(results.map(({ id }) => id)).toEqual(ids);
});

test("publish() sends batches of 25, one request after another", async () => {
  const { lambda, requests } = functionOf([]);
  const results = await published(
    lambda,
    Array.from({ length: 60 }, (_, i) => say(`${i}`)),
  );
  expect(requests.map(({ entries }) => entries.length)).toEqual([25, 25, 10]);
  expect(results).toHaveLength(60);
});

test("publish() retries temporary failures, and nothing else, with the same id and marked as a retry", async () => {
  const { lambda, requests } = functionOf([
    {
      results: [
        { id: "1", seq: 9, sentAt: 1 },
        { id: "2", error: wrong },
        { id: "3", error: busy },
      ],
    },
  ]);
  const results = await published(lambda, [say("a", "1"), say("", "2"), say("c", "3")]);
  expect(requests[1]?.entries).toEqual([{ ...say("c", "3"), retry: true }]);
  expect(results).toEqual([
    { id: "1", seq: 9, sentAt: 1 },
    { id: "2", error: wrong },
    { id: "3", seq: 1, sentAt: 1 },
  ]);
});

test.each<[string, Answer]>([
  ["was refused for now", { error: busy }],
  ["failed", "failed"],
])("publish() retries a request that %s", async (_, answer) => {
  const { lambda, requests } = functionOf([answer, answer]);
  expect(await published(lambda, [say("a", "1")])).toEqual([{ id: "1", seq: 1, sentAt: 1 }]);
  expect(requests).toHaveLength(3);
});

test("after the last attempt, publish() rejects if the request failed, and returns the error if only a message did", async () => {
  const refused = functionOf(Array(9).fill({ error: busy }));
  await expect(published(refused.lambda, [say("a")], 3)).rejects.toMatchObject({
    name: "ChatError",
    code: "RATE_LIMITED",
    retryAfterMs: 2_000,
  });
  expect(refused.requests).toHaveLength(3);
  const failed = functionOf(Array(9).fill({ results: [{ id: "1", error: busy }] }));
  expect(await published(failed.lambda, [say("a", "1")], 2)).toEqual([{ id: "1", error: busy }]);
});

test("publish() reports errors at once if a retry can't fix them", async () => {
  const { lambda, requests } = functionOf([{ error: { ...wrong, path: "service" } }]);
  await expect(published(lambda, [say("a")])).rejects.toMatchObject({ code: "BAD_REQUEST", retryable: false });
  const denied = functionOf([new Error("AccessDeniedException")]);
  await expect(published(denied.lambda, [say("a")])).rejects.toThrow("AccessDeniedException");
  expect([requests.length, denied.requests.length]).toEqual([1, 1]);
});
