// Where caches are. They may be deleted at any time.
const { join } = require("node:path");

// The variable is for those whose node_modules can't be written to.
const root = process.env.SERVERLESS_CHAT_CACHE || join(__dirname, "..", "node_modules", ".cache", "serverless-chat");

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
