const { setTimeout: sleep } = require("node:timers/promises");

exports.echo = async (event) => ({ statusCode: 200, body: JSON.stringify(event) });

exports.fail = async () => {
  throw new RangeError("out of luck");
};

exports.wait = async ({ body }) => {
  await sleep(JSON.parse(body).ms);
  return { statusCode: 200, body };
};

exports.returnNull = async () => null;

exports.measure = async ({ body }) => ({ statusCode: 200, body: JSON.stringify({ bytes: Buffer.byteLength(body) }) });
