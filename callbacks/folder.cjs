// The path of this folder, which only CommonJS code can determine everywhere: under Node's loader, under ts-node's, and
// inside a bundle.
module.exports = __dirname;
