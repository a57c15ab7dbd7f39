// Runs one of this project's TypeScript files: `node cli/launch.js local/start.ts --port 0`. It is written in old
// JavaScript, so that an old Node prints an explanation and not a syntax error.
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(
    `This is Node ${process.versions.node}; Node 22.18 or later is needed. Run "npm ci", which installs Node 24 for ` +
      'Linux, Windows and Intel Macs, and then this with "npm run"; or install Node 24 from https://nodejs.org.',
  );
  process.exit(1);
}
const [file, ...args] = process.argv.slice(2);
// Without this limit, glibc gives each of the local cloud's threads a memory arena of its own, and memory stays in the
// arenas of threads that have ended. glibc reads the limit only when a process starts, so this process restarts itself
// in place. `execve` is missing on Windows and in some versions of Node.
const ARENAS = "MALLOC_ARENA_MAX";
const canRestart = process.platform === "linux" && process.execve && process.execPath.startsWith("/");
if (file === "local/start.ts" && canRestart && !process.env[ARENAS]) {
  process.execve(process.execPath, [process.execPath, ...process.execArgv, ...process.argv.slice(1)], {
    ...process.env,
    [ARENAS]: "2",
  });
}
const { existsSync } = await import("node:fs");
const { enableCompileCache } = await import("node:module");
const { resolve } = await import("node:path");
const { fileURLToPath, pathToFileURL } = await import("node:url");
const { default: folders } = await import("../cache/folders.cjs");
const root = fileURLToPath(new URL("..", import.meta.url));
if (!existsSync(resolve(file)) && existsSync(resolve(root, file))) {
  console.error(`There is no ${file} in ${process.cwd()}: run this in ${root}`);
  process.exit(1);
}
enableCompileCache(folders.COMPILED);
// Hides warnings about experimental features and packages without a `type`. Both are used on purpose, and the user
// can't do anything about the warnings.
const { emitWarning } = process;
process.emitWarning = (warning, ...rest) => {
  const isChosen = rest[0] === "ExperimentalWarning" || rest[0]?.code === "MODULE_TYPELESS_PACKAGE_JSON";
  if (!isChosen) emitWarning.call(process, warning, ...rest);
};
process.argv = [process.argv[0], resolve(file), ...args];
await import(pathToFileURL(resolve(file)).href);
