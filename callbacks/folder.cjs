// This folder. Only CommonJS knows it under every loader: Node's, ts-node's, and inside a bundle.
module.exports = __dirname;
