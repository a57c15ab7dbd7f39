exports.echo = async (event) => ({ statusCode: 200, body: JSON.stringify(event) });

exports.disconnect = async (event) => {
  console.log(JSON.stringify(event));
};

/** Takes longer than any caller waits. */
exports.linger = async ({ requestContext }) => {
  console.log(JSON.stringify({ lingering: requestContext.connectionId }));
  await new Promise((resolve) => setTimeout(resolve, 20_000));
};
