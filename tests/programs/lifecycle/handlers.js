exports.echo = async (event) => ({ statusCode: 200, body: JSON.stringify(event) });

exports.disconnect = async (event) => {
  console.log(JSON.stringify(event));
};
