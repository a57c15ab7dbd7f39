/** One connection, as seen from the gateway. */

/** The part of the gateway that a connection uses. */
interface ConnectionGateway {
  now(): number;
  ended(connection: GatewayConnection): void;
}

/** The part of a line that a connection uses. */
interface ConnectionLine {
  toClient(text: string): void;
  closeClient(code: number): void;
}

export class GatewayConnection {
  readonly id: string;
  /** Name of this connection in random choices and in output: its client's name and its number. */
  readonly key: string;
  readonly connectedAt: number;
  readonly authorizer: Record<string, string>;
  readonly #gateway: ConnectionGateway;
  readonly #line: ConnectionLine;
  /** Whether posts reach the connection: its `$connect` has returned, and it hasn't ended. */
  isOpen = false;
  lastActiveAt: number;

  constructor(
    gateway: ConnectionGateway,
    line: ConnectionLine,
    facts: Pick<GatewayConnection, "id" | "key" | "connectedAt" | "authorizer">,
  ) {
    this.#gateway = gateway;
    this.#line = line;
    this.id = facts.id;
    this.key = facts.key;
    this.connectedAt = this.lastActiveAt = facts.connectedAt;
    this.authorizer = facts.authorizer;
  }

  send(text: string): void {
    if (!this.isOpen) return;
    this.lastActiveAt = this.#gateway.now();
    this.#line.toClient(text);
  }

  /** Closes it from the server's side. */
  close(code: number): void {
    if (!this.isOpen) return;
    this.#line.closeClient(code);
    this.#gateway.ended(this);
  }
}
