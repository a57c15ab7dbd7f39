import type { User } from "@serverless-chat/client";
import type { FoldedMessage } from "@serverless-chat/client/fold";
import type { Shown } from "./pending.ts";

/** Contents and actions of a message and its toolbar. */
export interface MessageRowProps {
  message: Shown;
  /** The message that this message replies to, if that one is loaded. */
  quoted: FoldedMessage | undefined;
  user: User;
  /** Whether the message is the first of its group and therefore shows author and time. */
  isFirst: boolean;
  /** Whether the message's actions are shown. */
  isActive: boolean;
  /** Whether the Tab key leads to the message. */
  isTabStop: boolean;
  /** Whether the message's deletion waits for a confirmation. */
  isDeleting: boolean;
  /** Text below the message, such as who has read it. */
  status: string | undefined;
  onReact: (target: number, emoji: string, on: boolean) => void;
  onReply: (message: FoldedMessage) => void;
  onEdit: (message: FoldedMessage) => void;
  /** Asks for confirmation; cancels if `seq` is undefined; deletes if `isSure`. */
  onDelete: (seq: number | undefined, isSure: boolean) => void;
  onJump: (seq: number) => void;
}
