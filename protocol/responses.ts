/** Frames from server to client. */
import type { ErrorFrame } from "./errors";

/** A stable subject, and the name to show for it. */
export interface User {
  id: string;
  name: string;
}

/** One message in a room's log. */
export interface MessageEntry {
  /** Place in the room's order, from 1. */
  seq: number;
  kind: "message";
  /** The request id of the sender's frame. */
  id: string;
  user: User;
  /** The server's time, in milliseconds since 1970. */
  sentAt: number;
  text: string;
}

export interface EventFrame {
  type: "event";
  room: string;
  entries: MessageEntry[];
}

/** The request with this id is done, and what it wrote is durable. */
export interface AckFrame {
  type: "ack";
  id: string;
  seq?: number;
  sentAt?: number;
  /** Of a refreshed token, in milliseconds since 1970. */
  expiresAt?: number;
}

export interface PongFrame {
  type: "pong";
  id?: string;
}

export type ServerFrame = AckFrame | EventFrame | PongFrame | ErrorFrame;
