const { InvokeCommand, LambdaClient } = require("@aws-sdk/client-lambda");

const lambda = new LambdaClient({});

/** Invokes another function and returns the outcome. */
exports.dispatch = async ({ target, type, payload }) => {
  const command = new InvokeCommand({
    FunctionName: target,
    InvocationType: type,
    Payload: JSON.stringify(payload),
  });
  try {
    const { $metadata, Payload } = await lambda.send(command);
    const body = Buffer.from(Payload ?? []).toString();
    return { status: $metadata.httpStatusCode, requestId: $metadata.requestId, body };
  } catch ({ name, message, $metadata }) {
    return { status: $metadata.httpStatusCode, errorType: name, message };
  }
};

/** Returns its event after the event's gate has answered. */
exports.work = async (event, { awsRequestId }) => {
  if (event.gate !== undefined) await fetch(event.gate);
  console.log(JSON.stringify({ done: awsRequestId }));
  return { event };
};

class OutOfPaper extends Error {
  name = "OutOfPaper";
}

exports.fail = async (_, { awsRequestId }) => {
  console.log(JSON.stringify({ tried: awsRequestId }));
  throw new OutOfPaper("the tray is empty");
};
