// This folder, which only CommonJS knows under every loader: Node's, ts-node's, and from within a bundle.
module.exports = __dirname;
