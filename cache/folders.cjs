// Where caches are. They may be deleted at any time.
const { join, sep } = require("node:path");

// An installed package's own folder may be shared or read-only, and the program is run in the project's.
const home = __dirname.split(sep).includes("node_modules") ? process.cwd() : join(__dirname, "..");
// The variable is for those whose node_modules can't be written to.
const root = process.env.SERVERLESS_CHAT_CACHE || join(home, "node_modules", ".cache", "serverless-chat");

module.exports = {
  /** Node's own, of compiled code. */
  COMPILED: join(root, "compiled"),
  /** Program files in JavaScript. */
  TRANSPILED: join(root, "transpiled"),
  /** Callbacks with everything that they import. */
  BUNDLES: join(root, "bundles"),
  /** Code of functions, by content, as programs register it. */
  CODE: join(root, "code"),
  /** Archives of functions, unpacked. */
  ARCHIVES: join(root, "archives"),
};
