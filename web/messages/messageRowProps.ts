import type { User } from "@serverless-chat/client";
import type { FoldedMessage } from "@serverless-chat/client/fold";
import type { Shown } from "./pending.ts";

/** Contents and actions of a message and its toolbar. */
export interface MessageRowProps {
  message: Shown;
  /** The message that it replies to, if it is loaded. */
  quoted: FoldedMessage | undefined;
  user: User;
  /** Whether it is the first of its group and therefore shows author and time. */
  isFirst: boolean;
  /** Whether its actions are shown. */
  isActive: boolean;
  /** Whether the Tab key leads to it. */
  isTabStop: boolean;
  /** Whether its deletion waits for a confirmation. */
  isDeleting: boolean;
  /** Shown below it, such as who has read it. */
  status: string | undefined;
  onReact: (target: number, emoji: string, on: boolean) => void;
  onReply: (message: FoldedMessage) => void;
  onEdit: (message: FoldedMessage) => void;
  /** Asks for confirmation; cancels if `seq` is undefined; deletes if `isSure`. */
  onDelete: (seq: number | undefined, isSure: boolean) => void;
  onJump: (seq: number) => void;
}
