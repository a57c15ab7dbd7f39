import type { State } from "@serverless-chat/client";
import { t } from "./language/index.ts";

/** Describes the connection's state if there is something to report. */
export function ConnectionBanner(args: {
  state: State;
  /** Number of unsent messages in all rooms. */
  waiting: number;
  onConnect: () => void;
  onSignIn: () => void;
}) {
  const { state, waiting, onConnect, onSignIn } = args;
  const text = textOf(state);
  return (
    <div class="banner" role="status" data-state={state.name}>
      {text !== undefined && (
        <>
          <span>
            {text} {waiting > 0 && t.connection.unsent(waiting)}
          </span>
          {state.name === "stopped" && state.cause.code === "UNAUTHORIZED" ? (
            <button type="button" onClick={onSignIn}>
              {t.connection.signIn}
            </button>
          ) : (
            ["stopped", "waiting"].includes(state.name) && (
              <button type="button" onClick={onConnect}>
                {t.connection.connect}
              </button>
            )
          )}
        </>
      )}
    </div>
  );
}

function textOf(state: State): string | undefined {
  if (state.name === "open" || state.name === "closed") return undefined;
  if (state.name !== "stopped") return t.connection[state.name];
  if (state.cause.code === "UNAUTHORIZED") return t.connection.signedOut;
  return state.cause.code === "DISPLACED" ? t.connection.displaced : t.connection.stopped;
}
