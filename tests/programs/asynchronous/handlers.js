/** Invokes another function with nothing but HTTP; the signature says who calls, and is not checked here. */
exports.dispatch = async ({ target, type, payload }) => {
  const { AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID, AWS_REGION } = process.env;
  const response = await fetch(`${AWS_ENDPOINT_URL}/2015-03-31/functions/${target}/invocations`, {
    method: "POST",
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=${AWS_ACCESS_KEY_ID}/20260101/${AWS_REGION}/lambda/aws4_request`,
      "x-amz-invocation-type": type,
    },
    body: JSON.stringify(payload),
  });
  return {
    status: response.status,
    requestId: response.headers.get("x-amzn-requestid"),
    errorType: response.headers.get("x-amzn-errortype"),
    body: await response.text(),
  };
};

/** Gives its event back, after whatever answers at the event's gate. */
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
