import { ChatError } from "../errors.ts";

/** @throws ChatError BAD_URL if no connection can open at this address */
export async function checkAddress(url: string): Promise<void> {
  const address = URL.parse(url);
  let problem: string | undefined;
  if (address === null || !/^wss?:$/.test(address.protocol) || address.hash !== "")
    problem = "it isn't a WebSocket URL";
  // A custom domain has no stage in its path.
  else if (address.pathname === "/" && /\.execute-api\.|^(127\.|localhost$)/.test(address.hostname))
    problem = "it lacks the stage";
  if (problem === undefined) return;
  throw new ChatError("BAD_URL", `can't connect to "${url}": ${problem}. A URL such as wss://host/stage is expected.`, {
    retryable: false,
  });
}
