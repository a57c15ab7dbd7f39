// The archive doesn't contain the AWS SDK, because Lambda's runtime does.
const { ApiGatewayManagementApiClient, PostToConnectionCommand } = require("@aws-sdk/client-apigatewaymanagementapi");
const { DynamoDBClient } = require("@aws-sdk/client-dynamodb");
const { DeleteCommand, DynamoDBDocumentClient, PutCommand, ScanCommand } = require("@aws-sdk/lib-dynamodb");
const { readFileSync } = require("node:fs");
const { shout } = require("./lib/shout");

const items = DynamoDBDocumentClient.from(new DynamoDBClient({}));
const TableName = process.env.TABLE;
const clients = new Map();

/** A client for the API that the event came from: it uses the event's domain over https, as in AWS's documentation. */
function apiOf({ domainName, stage }) {
  const endpoint = `https://${domainName}/${stage}`;
  const known = clients.get(endpoint) ?? new ApiGatewayManagementApiClient({ endpoint });
  clients.set(endpoint, known);
  return known;
}

// Answers through a callback, which runtimes before Node.js 24 support.
exports.connect = (event, _context, callback) => {
  const { connectionId } = event.requestContext;
  items.send(new PutCommand({ TableName, Item: { connectionId } })).then(
    () => callback(null, { statusCode: 200 }),
    (error) => callback(error),
  );
};

exports.disconnect = async (event) => {
  const { connectionId } = event.requestContext;
  await items.send(new DeleteCommand({ TableName, Key: { connectionId } }));
  return { statusCode: 200 };
};

exports.say = async (event) => {
  const { text } = JSON.parse(event.body);
  const { Items } = await items.send(new ScanCommand({ TableName }));
  const suffix = readFileSync("suffix.txt", "utf8").trim();
  const Data = JSON.stringify({ said: shout(text) + suffix });
  const api = apiOf(event.requestContext);
  await Promise.all(
    Items.map(({ connectionId }) => api.send(new PostToConnectionCommand({ ConnectionId: connectionId, Data }))),
  );
  return { statusCode: 200 };
};

exports.fail = async (event) => {
  console.log("about to fail for", JSON.parse(event.body).reason);
  throw new TypeError("the tray is empty");
};

exports.unreachable = async () => {
  await fetch("https://127.0.0.1:1/").catch(() => {});
  return { statusCode: 200, body: JSON.stringify({ swallowed: true }) };
};

exports.look = async () => {
  const load = (name) => {
    try {
      require(name);
      return "loaded";
    } catch (error) {
      return error.code;
    }
  };
  const body = { installed: load("valibot"), sdk: load("@aws-sdk/client-lambda"), cwd: process.cwd() === __dirname };
  return { statusCode: 200, body: JSON.stringify(body) };
};

exports.imported = async () => {
  const { LambdaClient } = await import("@aws-sdk/client-lambda");
  return { statusCode: 200, body: JSON.stringify({ sdk: typeof LambdaClient }) };
};

exports.slow = async () => {
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  return { statusCode: 200 };
};
