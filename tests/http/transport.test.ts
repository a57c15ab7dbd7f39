/** Tests the request handler of DynamoDB's client. */
import { expect, test } from "vitest";
import { requestHandler } from "../../chat/tables/transport.ts";
import { failureOf, startRaw } from "./servers.ts";

const requestTo = (port: number, more: object = {}) =>
  ({
    protocol: "http:",
    hostname: "127.0.0.1",
    port,
    method: "POST",
    path: "/",
    headers: { host: "x" },
    ...more,
  }) as never;

test("a request is sent with one content length, in bytes, and its answer has the form that the client reads", async () => {
  const { port, arrived } = await startRaw(({ socket }) =>
    socket.write("HTTP/1.1 400 Bad\r\nX-Amzn-RequestId: 7\r\nContent-Length: 2\r\n\r\n{}"),
  );
  const headers = { host: "x", "content-length": "5", "x-amz-target": "a" };
  const { response } = await requestHandler.handle(requestTo(port, { headers, body: "naïve" }));
  expect(arrived[0]?.text.match(/content-length: \d+/gi)).toEqual(["content-length: 6"]);
  expect(arrived[0]?.text).toContain("\r\nx-amz-target: a\r\n");
  expect(response).toEqual({
    statusCode: 400,
    headers: { "x-amzn-requestid": "7", "content-length": "2" },
    body: Buffer.from("{}"),
  });
});

test("a request without a body is sent without one", async () => {
  const { port, arrived } = await startRaw();
  await requestHandler.handle(requestTo(port));
  expect(arrived[0]?.text).toMatch(/content-length: 0\r\n\r\n$/);
});

test("the error of a closed socket has a code that makes the client try again", async () => {
  const { port } = await startRaw(({ socket }) => socket.end());
  expect(await failureOf(requestHandler.handle(requestTo(port)))).toMatchObject({ code: "ECONNRESET" });
});
