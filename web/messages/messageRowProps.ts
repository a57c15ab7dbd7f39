import type { User } from "@serverless-chat/client";
import type { FoldedMessage } from "@serverless-chat/client/fold";
import type { Shown } from "./pending.ts";

/** What a message and its toolbar show and do. */
export interface MessageRowProps {
  message: Shown;
  /** The message that it replies to, if it is loaded. */
  quoted: FoldedMessage | undefined;
  user: User;
  /** The first of its group shows its author and time. */
  isFirst: boolean;
  /** Its actions are shown. */
  isActive: boolean;
  /** The Tab key leads to it. */
  isTabStop: boolean;
  /** Its deletion waits for a confirmation. */
  isDeleting: boolean;
  /** Shown below it, such as who has read it. */
  status: string | undefined;
  onReact: (target: number, emoji: string, on: boolean) => void;
  onReply: (message: FoldedMessage) => void;
  onEdit: (message: FoldedMessage) => void;
  /** Asks for a confirmation, takes the question back (undefined), or deletes. */
  onDelete: (seq: number | undefined, isSure: boolean) => void;
  onJump: (seq: number) => void;
}
