// Folders of the caches. They may be deleted at any time.
const { join, sep } = require("node:path");

// An installed package's own folder may be shared or read-only. Its caches are therefore in the project that runs it.
const home = __dirname.split(sep).includes("node_modules") ? process.cwd() : join(__dirname, "..");
// The environment variable is for projects whose node_modules can't be written to.
const root = process.env.SERVERLESS_CHAT_CACHE || join(home, "node_modules", ".cache", "serverless-chat");

module.exports = {
  /** Node's cache of compiled code. */
  COMPILED: join(root, "compiled"),
  /** The program's files, transpiled to JavaScript. */
  TRANSPILED: join(root, "transpiled"),
  /** Callbacks, bundled with everything that they import. */
  BUNDLES: join(root, "bundles"),
  /** Code of functions as programs register it, named by content. */
  CODE: join(root, "code"),
  /** What programs registered in their last runs. */
  RUNS: join(root, "runs"),
  /** Unpacked archives of functions. */
  ARCHIVES: join(root, "archives"),
};
