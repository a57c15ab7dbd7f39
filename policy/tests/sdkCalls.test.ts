/** Tests that the AWS operations that code calls are found, in all forms in which code is written and bundled. */
import { build } from "esbuild";
import { describe, expect, test } from "vitest";
import { sdkCallsOf } from "../code/sdkCalls.ts";
import { missingGrant } from "../rules/stack/grantsAgainstCode.ts";
import { catalog } from "./catalog.ts";
import { lambda, role, rolePolicy, stackOf } from "./resources.ts";
import { allow } from "./statements.ts";

const callsOf = (code: string) => sdkCallsOf(code, catalog);
const actionsIn = (code: string) => [...callsOf(code).actions].sort();
const DYNAMODB = 'import { DynamoDBClient, GetItemCommand, DeleteItemCommand } from "@aws-sdk/client-dynamodb";\n';

describe("calls through version 3 of the SDK", () => {
  test.each([
    ["as written", `${DYNAMODB}await client.send(new GetItemCommand({}));`, ["dynamodb:GetItem"]],
    ["over two lines", `${DYNAMODB}await client.send(\n  new\n    GetItemCommand({\n}));`, ["dynamodb:GetItem"]],
    [
      "of a namespace",
      'import * as d from "@aws-sdk/client-dynamodb"; new d.DynamoDBClient().send(new d.GetItemCommand({}))',
      ["dynamodb:GetItem"],
    ],
    [
      "destructured from require",
      'const { GetItemCommand: a, DynamoDBClient: b } = require("@aws-sdk/client-dynamodb"); new b().send(new a({}))',
      ["dynamodb:GetItem"],
    ],
    [
      "destructured from a dynamic import",
      'const { GetItemCommand } = await import("@aws-sdk/client-dynamodb"); client.send(new GetItemCommand({}))',
      ["dynamodb:GetItem"],
    ],
    [
      "renamed by an import",
      'import{GetItemCommand as e,DynamoDBClient as t}from"@aws-sdk/client-dynamodb";new t().send(new e({}))',
      ["dynamodb:GetItem"],
    ],
    [
      "of a command renamed to a dollar sign",
      'import{GetItemCommand as $,DynamoDBClient as t}from"@aws-sdk/client-dynamodb";new t().send(new $({}))',
      ["dynamodb:GetItem"],
    ],
    [
      "of a presigned URL",
      'import { S3Client, GetObjectCommand } from "@aws-sdk/client-s3"; await getSignedUrl(client, new GetObjectCommand({}));',
      ["s3:GetObject"],
    ],
    [
      "by a paginator",
      'import { paginateQuery } from "@aws-sdk/client-dynamodb"; for await (const page of paginateQuery({ client }, {})) use(page);',
      ["dynamodb:Query"],
    ],
    [
      "of the document client",
      'import { DynamoDBDocumentClient, BatchWriteCommand } from "@aws-sdk/lib-dynamodb"; client.send(new BatchWriteCommand({}))',
      ["dynamodb:BatchWriteItem"],
    ],
    [
      "of a transaction",
      'import { TransactWriteCommand } from "@aws-sdk/lib-dynamodb"; new TransactWriteCommand({ TransactItems: [{ Put: {} }, { ConditionCheck: {} }] })',
      ["dynamodb:ConditionCheckItem", "dynamodb:PutItem"],
    ],
    [
      "of a transaction with quoted keys",
      'import { TransactWriteCommand } from "@aws-sdk/lib-dynamodb"; new TransactWriteCommand({ "TransactItems": [{ "Update": {} }] })',
      ["dynamodb:UpdateItem"],
    ],
    [
      "of an upload in parts",
      'import { Upload } from "@aws-sdk/lib-storage"; await new Upload({ client, params }).done();',
      ["s3:PutObject"],
    ],
    [
      "whose permission has a different name",
      'import { ApiGatewayManagementApiClient, PostToConnectionCommand } from "@aws-sdk/client-apigatewaymanagementapi"; new PostToConnectionCommand({})',
      ["execute-api:ManageConnections"],
    ],
    [
      "that need two permissions",
      'import { S3Client, CopyObjectCommand } from "@aws-sdk/client-s3"; new CopyObjectCommand({})',
      ["s3:GetObject", "s3:PutObject"],
    ],
    [
      "by methods of an aggregated client",
      'import { S3 } from "@aws-sdk/client-s3"; const s3 = new S3({}); await s3.getObject({}); s3.destroy();',
      ["s3:GetObject"],
    ],
    [
      "in the callback of a dynamic import",
      'import("@aws-sdk/client-s3").then(({ GetObjectCommand, S3Client }) => new S3Client({}).send(new GetObjectCommand({})))',
      ["s3:GetObject"],
    ],
    [
      "wrapped by Pulumi, in `with`",
      'with (captured) { (function () { client.send(new (require("@aws-sdk/client-s3").GetObjectCommand)({})); }).apply(undefined) }',
      ["s3:GetObject"],
    ],
    [
      "of items that are collected beforehand",
      'import { TransactWriteCommand } from "@aws-sdk/lib-dynamodb"; items.push({ Put: { TableName: "orders", Item: {} } }); new TransactWriteCommand({ TransactItems: items })',
      ["dynamodb:PutItem"],
    ],
    [
      "by methods of the document client",
      'import { DynamoDB } from "@aws-sdk/client-dynamodb"; import { DynamoDBDocument } from "@aws-sdk/lib-dynamodb"; const d = DynamoDBDocument.from(new DynamoDB({})); await d.get({});',
      ["dynamodb:GetItem"],
    ],
  ])("%s", (_, code, actions) => {
    expect(actionsIn(code)).toEqual(actions);
  });
});

describe("calls through version 2 of the SDK", () => {
  const AWS = 'const AWS = require("aws-sdk");\n';
  test.each([
    ["of a client", `${AWS}const s3 = new AWS.S3(); s3.getObject({}).promise();`, ["s3:GetObject"]],
    [
      "of a client that is a field",
      `${AWS}class Store { constructor() { this.db = new AWS.DynamoDB(); } get() { return this.db.getItem({}).promise(); } }`,
      ["dynamodb:GetItem"],
    ],
    [
      "of the document client",
      `${AWS}const d = new AWS.DynamoDB.DocumentClient(); await d.put({}).promise();`,
      ["dynamodb:PutItem"],
    ],
    [
      "of a client's own file",
      'const S3 = require("aws-sdk/clients/s3"); const s3 = new S3(); s3.getObject({}).promise();',
      ["s3:GetObject"],
    ],
    [
      "of a client imported by TypeScript's output",
      'const aws_sdk_1 = __importDefault(require("aws-sdk")); const d = new aws_sdk_1.default.DynamoDB.DocumentClient(); d.get({});',
      ["dynamodb:GetItem"],
    ],
    [
      "of clients that are destructured from the SDK",
      `${AWS}const { S3 } = AWS, Queue = AWS.SQS; const s3 = new S3(), q = new Queue(); s3.headObject({}); q.sendMessage({});`,
      ["s3:GetObject", "sqs:SendMessage"],
    ],
    ["of a presigned URL", `${AWS}const s3 = new AWS.S3(); s3.getSignedUrl("putObject", {});`, ["s3:PutObject"]],
    ["of a client without a variable", `${AWS}await new AWS.S3().getObject({}).promise();`, ["s3:GetObject"]],
  ])("%s", (_, code, actions) => {
    expect(actionsIn(code)).toEqual(actions);
  });
});

describe("requests that code signs itself", () => {
  test.each([
    [
      "to a connection",
      'send("POST", "/dev/@connections/" + encodeURIComponent(id))',
      ["execute-api:ManageConnections"],
    ],
    ["to a connection, in a template", "send(`${stage}/@connections/${id}`)", ["execute-api:ManageConnections"]],
    ["to a function", "send(`/2015-03-31/functions/${name}/invocations`)", ["lambda:InvokeFunction"]],
    [
      "but not paths by which the SDK describes requests",
      'op("/2015-03-31/functions/{FunctionName}/invocations", "/@connections/{Id}")',
      [],
    ],
  ])("%s", (_, code, actions) => {
    expect(actionsIn(code)).toEqual(actions);
    expect(callsOf(code).needs).toEqual([]);
  });
});

describe("text that isn't a call", () => {
  const call = `${DYNAMODB}await client.send(new GetItemCommand({}));`;
  const CALL = "client.send(new GetItemCommand({}));";
  test.each([
    ["an import alone", DYNAMODB, []],
    ["a command in a line comment", `// client.send(new DeleteItemCommand({}))\n${call}`, ["dynamodb:GetItem"]],
    ["a command in a block comment", `/* client.send(new DeleteItemCommand({})) */\n${call}`, ["dynamodb:GetItem"]],
    [
      "a command's name in a string",
      `const help = "call DeleteItemCommand or paginateScan";\n${call}`,
      ["dynamodb:GetItem"],
    ],
    ["a call in a string", `const help = "say: new DeleteItemCommand({})";\n${call}`, ["dynamodb:GetItem"]],
    [
      "a link in a string, which doesn't begin a comment",
      `const url = "https://example.com";\n${call}`,
      ["dynamodb:GetItem"],
    ],
    [
      "a quote in a regular expression, which doesn't begin a string",
      `${DYNAMODB}const a = text.replace(/"/g, ""), b = "*/*"; ${CALL} const c = "*/*";`,
      ["dynamodb:GetItem"],
    ],
    [
      "a string in a template in a template",
      `${DYNAMODB}const a = \`\${b.map((c) => \`/*\${c}\`)}\`; ${CALL} const d = "*/";`,
      ["dynamodb:GetItem"],
    ],
    [
      "a call in a regular expression",
      `${DYNAMODB}const a = /new DeleteItemCommand\\(/; ${CALL}`,
      ["dynamodb:GetItem"],
    ],
    [
      "another variable with a command's short name",
      `import { GetItemCommand as e, DeleteItemCommand as t } from "@aws-sdk/client-dynamodb"; c.send(new e({})); ((t) => new t())(Date);`,
      ["dynamodb:GetItem"],
    ],
    ["the code's own commands", "class UndoCommand {} history.push(new UndoCommand());", []],
  ])("%s", (_, code, actions) => {
    expect(actionsIn(code)).toEqual(actions);
  });
});

describe("calls in unusual code are found or reported as undecidable, so nothing counts as unused", () => {
  test.each([
    ["a missing package", `import stripe from "stripe";\n${DYNAMODB}new GetItemCommand({});`],
    ["a package with a scope", 'const db = require("@acme/db"); db.get();'],
    ["another package's exports", 'export * from "@acme/db";'],
    ["a package at run time", 'const db = await import("@acme/db"); db.get();'],
    [
      "a transaction whose items come from elsewhere",
      'import { TransactWriteCommand } from "@aws-sdk/lib-dynamodb"; new TransactWriteCommand({ TransactItems: items })',
    ],
    [
      "PartiQL statements",
      'import { DynamoDBClient, ExecuteStatementCommand } from "@aws-sdk/client-dynamodb"; new ExecuteStatementCommand({ Statement })',
    ],
    ["code in strings, as development bundlers write it", `${DYNAMODB}eval("new GetItemCommand({})");`],
    ["code that doesn't parse", "import { S3Client from"],
    ["a client's method whose name is computed at run time", 'const s3 = new (require("aws-sdk").S3)(); s3[name]({});'],
    [
      "a command whose name is computed at run time",
      'import * as d from "@aws-sdk/client-dynamodb"; client.send(new d[`${name}Command`]({}));',
    ],
    ["a client's module that is passed on", 'import * as d from "@aws-sdk/client-dynamodb"; run(d);'],
    [
      "an upload form, signed by a package of the SDK",
      'import { createPresignedPost } from "@aws-sdk/s3-presigned-post"; createPresignedPost(client, {});',
    ],
    ["a class derived from a command", `${DYNAMODB}class Get extends GetItemCommand {} client.send(new Get({}));`],
    [
      "a method that is handed on",
      'const AWS = require("aws-sdk"); const s3 = new AWS.S3(); promisify(s3.getObject.bind(s3));',
    ],
    ["a command under another name", `${DYNAMODB}const Command = GetItemCommand; client.send(new Command({}));`],
    [
      "a command that is handed on",
      `${DYNAMODB}const make = (Command) => new Command({}); client.send(make(GetItemCommand));`,
    ],
    [
      "a command whose name is a string",
      'const d = require("@aws-sdk/client-dynamodb"); client.send(new d["GetItemCommand"]({}));',
    ],
    ["a command with a space before its input", `${DYNAMODB}client.send(new GetItemCommand ({}));`],
    [
      "a command without input",
      'import { STSClient, GetCallerIdentityCommand } from "@aws-sdk/client-sts"; client.send(new GetCallerIdentityCommand);',
    ],
    [
      "a method that may not exist",
      'import { S3 } from "@aws-sdk/client-s3"; const s3 = new S3({}); await s3?.getObject({});',
    ],
    [
      "a waiter",
      'import { waitUntilTableExists } from "@aws-sdk/client-dynamodb"; await waitUntilTableExists({ client, maxWaitTime: 60 }, {});',
    ],
  ])("%s", (_, code) => {
    const { actions, isPartial } = callsOf(code);
    expect(isPartial || actions.size > 0).toBe(true);
  });

  test.each([
    ["code without the SDK", "export const handler = async () => ({ statusCode: 204 });"],
    ["imports of Node's packages", 'import { join } from "node:path"; const { readFile } = require("fs/promises");'],
    ["a call that is known", `${DYNAMODB}new GetItemCommand({});`],
    ["imports of its own files", 'import { handler } from "./handler.mjs"; export { handler };'],
  ])("and nothing is undecidable in %s", (_, code) => {
    expect(callsOf(code).isPartial).toBe(false);
  });
});

describe("calls in a bundle", () => {
  const source = `
    import { DynamoDBClient, GetItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
    import { DynamoDBDocumentClient, QueryCommand } from "@aws-sdk/lib-dynamodb";
    import { LambdaClient, InvokeCommand } from "@aws-sdk/client-lambda";
    const documents = DynamoDBDocumentClient.from(new DynamoDBClient({}));
    export const handler = async () => {
      await documents.send(new QueryCommand({ TableName: "orders" }));
      await documents.send(new GetItemCommand({ TableName: "orders", Key: {} }));
      await new LambdaClient({}).send(new InvokeCommand({ FunctionName: "next" }));
      return UpdateItemCommand.name;
    };`;
  const bundled = async (options: object, contents = source) => {
    const { outputFiles } = await build({
      stdin: { contents, resolveDir: import.meta.dirname, loader: "js" },
      bundle: true,
      write: false,
      platform: "node",
      target: "node24",
      ...options,
    });
    return outputFiles[0]?.text as string;
  };

  const CALLED = ["dynamodb:GetItem", "dynamodb:Query", "lambda:InvokeFunction"];

  test.each([
    ["as it is", { format: "esm" }],
    ["minified", { format: "esm", minify: true }],
    ["minified, of CommonJS", { format: "cjs", minify: true }],
  ])("are found with the SDK outside, %s", async (_, options) => {
    expect(actionsIn(await bundled({ external: ["@aws-sdk/*"], ...options }))).toEqual(CALLED);
  });

  // Through `main`, which esbuild uses by default, the bundle contains the whole of each client.
  const parts = { mainFields: ["module", "main"] };
  test.each([
    ["the used parts of the SDK", { format: "esm", ...parts }],
    ["the used parts of the SDK, minified", { format: "esm", minify: true, ...parts }],
    ["the used parts of the SDK, minified, as CommonJS", { format: "cjs", minify: true, ...parts }],
    ["the whole SDK", { format: "cjs" }],
    ["the whole SDK, minified", { format: "cjs", minify: true }],
  ])(
    "are found with %s inside, and operations that only the SDK itself calls aren't reported as missing",
    async (_, options) => {
      const code = await bundled(options);
      expect(actionsIn(code)).toEqual(expect.arrayContaining(CALLED));
      const stack = stackOf([
        role("app"),
        rolePolicy("grants", "app", allow(CALLED, "*")),
        lambda("orders", "app", code),
      ]);
      expect(missingGrant.check(stack, {}, catalog).map(({ message }) => message)).toEqual([]);
    },
  );

  const inside = [
    ["in one scope", { format: "esm", minify: true, ...parts }],
    ["in modules of CommonJS", { format: "cjs", minify: true }],
  ] as const;

  test.each(inside)(
    "a paginator of a bundled SDK is a call, and the functions around it aren't, %s",
    async (_, options) => {
      const code = await bundled(
        options,
        `import { DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";
       export const handler = async () => {
         for await (const page of paginateScan({ client: new DynamoDBClient({}) }, { TableName: "orders" })) use(page);
       };`,
      );
      expect(callsOf(code).needs).toEqual([["dynamodb:Scan"]]);
    },
  );

  test.each(inside)("methods of a bundled client are calls, or reported as undecidable, %s", async (_, options) => {
    const code = await bundled(
      options,
      `import { DynamoDB } from "@aws-sdk/client-dynamodb";
       import { DynamoDBDocument } from "@aws-sdk/lib-dynamodb";
       const client = new DynamoDB({});
       export const handler = () => [client.getItem({}), DynamoDBDocument.from(client).put({})];`,
    );
    const { needs, actions, isPartial } = callsOf(code);
    for (const action of ["dynamodb:GetItem", "dynamodb:PutItem"]) expect(isPartial || actions.has(action)).toBe(true);
    expect(["dynamodb:GetItem", "dynamodb:PutItem"]).toEqual(expect.arrayContaining(needs.flat()));
  });
});
