// A temporary folder, in place of a cache folder that can't be written to.
const { mkdtempSync, rmSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join } = require("node:path");

/** @type {string | undefined} */
let folder;

/** @returns {string} a folder of this process, which is deleted when the process ends */
function temporaryFolder() {
  if (folder === undefined) {
    const made = mkdtempSync(join(tmpdir(), "serverless-chat-"));
    process.once("exit", () => rmSync(made, { recursive: true, force: true }));
    folder = made;
  }
  return folder;
}

module.exports = { temporaryFolder };
