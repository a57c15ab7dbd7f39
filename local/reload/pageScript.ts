/**
 * Script that updates local pages when files are saved: new styles replace the old ones, and new code reloads the page.
 * One tab listens for all tabs, because a browser opens only six connections to a server.
 */
export const PAGE_SCRIPT = `
const channel = new BroadcastChannel("page-changes");

function take(change) {
  if (change.style === undefined) return location.reload();
  const before = document.querySelectorAll("link[rel=stylesheet]");
  const style = document.createElement("link");
  style.rel = "stylesheet";
  style.href = change.style;
  // The old styles stay until the new ones are loaded, so that nothing is shown unstyled.
  style.onload = () => before.forEach((link) => link.remove());
  document.head.append(style);
}

channel.onmessage = ({ data }) => take(data);
void navigator.locks.request("page-changes", () => new Promise(() => {
  new EventSource("/changes").onmessage = ({ data }) => {
    const change = JSON.parse(data);
    channel.postMessage(change);
    take(change);
  };
}));
`;

/** Difference between a new build and the one that pages show. */
export type PageChange = { style: string } | { code: true };

/**
 * @param before the build that pages show: contents by path
 * @param after the new build, likewise
 * @returns undefined if they don't differ
 */
export function pageChange(
  before: ReadonlyMap<string, { body: string | Uint8Array }>,
  after: ReadonlyMap<string, { body: string | Uint8Array }>,
): PageChange | undefined {
  const added = [...after.keys()].filter((path) => !before.has(path));
  const [style] = added;
  if (style?.endsWith(".css") && added.length === 1 && before.size === after.size) return { style };
  const isSame = ([path, { body }]: [string, { body: string | Uint8Array }]) => {
    const other = before.get(path)?.body;
    return other !== undefined && Buffer.from(body).equals(Buffer.from(other));
  };
  return before.size === after.size && [...after].every(isSame) ? undefined : { code: true };
}
